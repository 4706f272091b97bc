import type { Database, Db, Tx } from '../../persistence/database';
import type { User } from '../../persistence/generated/client';

/** A person with an account, without what only sign-in needs. */
export type UserRecord = Pick<User, 'id' | 'displayName' | 'email' | 'emailVerifiedAt' | 'profileCompletedAt' | 'createdAt'>;
export type UserCredentials = Pick<User, 'id' | 'passwordHash' | 'suspendedAt' | 'signInEpoch'>;
/** Null while the account is in use. */
export type SuspensionRecord = UserRecord & Pick<User, 'suspendedAt'>;

export interface NewUser {
  readonly id: string;
  readonly displayName: string;
  readonly email: string | null;
  readonly passwordHash: string | null;
  /** Somebody vouched that the address is this person's. */
  readonly emailVerified?: boolean;
  /** The name is a stand-in until the person has chosen one. */
  readonly profilePending?: boolean;
}

const COLUMNS = `id, display_name AS "displayName", email, email_verified_at AS "emailVerifiedAt",
  profile_completed_at AS "profileCompletedAt", created_at AS "createdAt"`;

export class UserRepository {
  /** Null when the e-mail is taken: told by the constraint, so two registrations at once have one winner. */
  async insert(db: Db, { id, displayName, email, passwordHash, emailVerified, profilePending }: NewUser): Promise<UserRecord | null> {
    const [user] = await db.sql<UserRecord>(
      `INSERT INTO users (id, display_name, email, password_hash, email_verified_at, profile_completed_at)
       VALUES ($1, $2, $3, $4, CASE WHEN $5::boolean THEN now() END, CASE WHEN NOT $6::boolean THEN now() END)
       ON CONFLICT (email) DO NOTHING RETURNING ${COLUMNS}`,
      [id, displayName, email, passwordHash, emailVerified ?? false, profilePending ?? false],
    );
    return user ?? null;
  }

  async find(db: Db, id: string): Promise<UserRecord | null> {
    const [user] = await db.sql<UserRecord>(`SELECT ${COLUMNS} FROM users WHERE id = $1`, [id]);
    return user ?? null;
  }

  /** Nobody else changes this account until the transaction ends. */
  async lock(tx: Tx, id: string): Promise<UserRecord | null> {
    const [user] = await tx.sql<UserRecord>(`SELECT ${COLUMNS} FROM users WHERE id = $1 FOR NO KEY UPDATE`, [id]);
    return user ?? null;
  }

  /** The same by address. */
  async lockByEmail(tx: Tx, email: string): Promise<UserRecord | null> {
    const [user] = await tx.sql<UserRecord>(`SELECT ${COLUMNS} FROM users WHERE email = $1 FOR NO KEY UPDATE`, [email]);
    return user ?? null;
  }

  /** The password's hash, or null; nobody else changes it until the transaction ends. */
  async lockPassword(tx: Tx, id: string): Promise<string | null> {
    const [user] = await tx.sql<Pick<User, 'passwordHash'>>(
      `SELECT password_hash AS "passwordHash" FROM users WHERE id = $1 FOR NO KEY UPDATE`,
      [id],
    );
    return user?.passwordHash ?? null;
  }

  async setPassword(tx: Tx, id: string, passwordHash: string | null): Promise<void> {
    await tx.sql(`UPDATE users SET password_hash = $2 WHERE id = $1`, [id, passwordHash]);
  }

  async markEmailVerified(tx: Tx, id: string): Promise<void> {
    await tx.sql(`UPDATE users SET email_verified_at = coalesce(email_verified_at, now()) WHERE id = $1`, [id]);
  }

  async setName(db: Db, id: string, displayName: string): Promise<UserRecord | null> {
    const [user] = await db.sql<UserRecord>(
      `UPDATE users SET display_name = $2, profile_completed_at = coalesce(profile_completed_at, now()) WHERE id = $1 RETURNING ${COLUMNS}`,
      [id, displayName],
    );
    return user ?? null;
  }

  async isPlatformAdmin(db: Db, id: string): Promise<boolean> {
    const rows = await db.sql(`SELECT 1 FROM users WHERE id = $1 AND platform_role = 'ADMIN'`, [id]);
    return rows.length > 0;
  }

  async isSuspended(db: Db, id: string): Promise<boolean> {
    const rows = await db.sql(`SELECT 1 FROM users WHERE id = $1 AND suspended_at IS NOT NULL`, [id]);
    return rows.length > 0;
  }

  /** A suspended account stays suspended since when it was. Null when there is none. */
  async setSuspended(tx: Tx, id: string, suspended: boolean): Promise<SuspensionRecord | null> {
    const [user] = await tx.sql<SuspensionRecord>(
      `UPDATE users SET suspended_at = CASE WHEN $2::boolean THEN COALESCE(suspended_at, now()) END WHERE id = $1
       RETURNING ${COLUMNS}, suspended_at AS "suspendedAt"`,
      [id, suspended],
    );
    return user ?? null;
  }

  async raiseSignInEpoch(tx: Tx, id: string): Promise<void> {
    await tx.sql(`UPDATE users SET sign_in_epoch = sign_in_epoch + 1 WHERE id = $1`, [id]);
  }

  listByIds(database: Database, ids: readonly string[]): Promise<UserRecord[]> {
    return database.orm.user.findMany({
      where: { id: { in: [...ids] } },
      select: { id: true, displayName: true, email: true, emailVerifiedAt: true, profileCompletedAt: true, createdAt: true },
    });
  }

  findCredentials(database: Database, email: string): Promise<UserCredentials | null> {
    return database.orm.user.findUnique({
      where: { email },
      select: { id: true, passwordHash: true, suspendedAt: true, signInEpoch: true },
    });
  }

  async findPassword(db: Db, id: string): Promise<string | null> {
    const [user] = await db.sql<Pick<User, 'passwordHash'>>(`SELECT password_hash AS "passwordHash" FROM users WHERE id = $1`, [id]);
    return user?.passwordHash ?? null;
  }
}
