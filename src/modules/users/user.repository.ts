import type { Database, Db } from '../../persistence/database';
import type { User } from '../../persistence/generated/client';

/** A person with an account, without what only sign-in needs. */
export type UserRecord = Pick<User, 'id' | 'displayName' | 'email' | 'createdAt'>;
export type UserCredentials = Pick<User, 'id' | 'passwordHash'>;

export interface NewUser {
  readonly id: string;
  readonly displayName: string;
  readonly email: string;
  readonly passwordHash: string;
}

const COLUMNS = `id, display_name AS "displayName", email, created_at AS "createdAt"`;

export class UserRepository {
  /** Null when the e-mail is taken: told by the constraint, so two registrations at once have one winner. */
  async insert(db: Db, { id, displayName, email, passwordHash }: NewUser): Promise<UserRecord | null> {
    const [user] = await db.sql<UserRecord>(
      `INSERT INTO users (id, display_name, email, password_hash) VALUES ($1, $2, $3, $4)
       ON CONFLICT (email) DO NOTHING RETURNING ${COLUMNS}`,
      [id, displayName, email, passwordHash],
    );
    return user ?? null;
  }

  async find(db: Db, id: string): Promise<UserRecord | null> {
    const [user] = await db.sql<UserRecord>(`SELECT ${COLUMNS} FROM users WHERE id = $1`, [id]);
    return user ?? null;
  }

  listByIds(database: Database, ids: readonly string[]): Promise<UserRecord[]> {
    return database.orm.user.findMany({
      where: { id: { in: [...ids] } },
      select: { id: true, displayName: true, email: true, createdAt: true },
    });
  }

  findCredentials(database: Database, email: string): Promise<UserCredentials | null> {
    return database.orm.user.findUnique({ where: { email }, select: { id: true, passwordHash: true } });
  }
}
