import type { Keyset } from '../../lib/keyset';
import type { Db, Tx } from '../../persistence/database';
import type { Membership } from '../../persistence/generated/client';
import { MembershipRole } from '../../persistence/generated/enums';

export { MembershipRole };
export type MembershipRecord = Membership;

/** A membership with its account's address, which not everybody may see. */
export interface MemberRecord extends MembershipRecord {
  readonly email: string;
}

const COLUMNS = `organization_id AS "organizationId", user_id AS "userId", role, created_at AS "createdAt"`;
const MEMBER = `SELECT m.organization_id AS "organizationId", m.user_id AS "userId", m.role, m.created_at AS "createdAt", u.email
  FROM memberships m JOIN users u ON u.id = m.user_id`;

export class MembershipRepository {
  /** Null when they belong to it already: told by the key. */
  insert(db: Db, organizationId: string, userId: string, role: MembershipRole): Promise<MembershipRecord | null> {
    return one(
      db,
      `INSERT INTO memberships (organization_id, user_id, role) VALUES ($1, $2, $3::"MembershipRole")
       ON CONFLICT (organization_id, user_id) DO NOTHING RETURNING ${COLUMNS}`,
      [organizationId, userId, role],
    );
  }

  async findRole(db: Db, organizationId: string, userId: string): Promise<MembershipRole | null> {
    const membership = await one(db, `SELECT ${COLUMNS} FROM memberships WHERE organization_id = $1 AND user_id = $2`, [
      organizationId,
      userId,
    ]);
    return membership?.role ?? null;
  }

  async find(db: Db, organizationId: string, userId: string): Promise<MemberRecord | null> {
    const [member] = await db.sql<MemberRecord>(`${MEMBER} WHERE m.organization_id = $1 AND m.user_id = $2`, [organizationId, userId]);
    return member ?? null;
  }

  async updateRole(tx: Tx, { organizationId, userId }: MembershipRecord, role: MembershipRole): Promise<void> {
    await tx.sql(`UPDATE memberships SET role = $3::"MembershipRole" WHERE organization_id = $1 AND user_id = $2`, [
      organizationId,
      userId,
      role,
    ]);
  }

  async delete(tx: Tx, { organizationId, userId }: MembershipRecord): Promise<void> {
    await tx.sql(`DELETE FROM memberships WHERE organization_id = $1 AND user_id = $2`, [organizationId, userId]);
  }

  /** The longest-standing owner who is not this user. */
  findOtherOwner(tx: Tx, organizationId: string, userId: string): Promise<MembershipRecord | null> {
    return one(
      tx,
      `SELECT ${COLUMNS} FROM memberships WHERE organization_id = $1 AND user_id <> $2 AND role = 'OWNER' ORDER BY created_at, user_id LIMIT 1`,
      [organizationId, userId],
    );
  }

  async hasEmail(tx: Tx, organizationId: string, email: string): Promise<boolean> {
    const rows = await tx.sql(
      `SELECT 1 FROM memberships m JOIN users u ON u.id = m.user_id WHERE m.organization_id = $1 AND u.email = $2`,
      [organizationId, email],
    );
    return rows.length > 0;
  }

  async countAmong(db: Db, organizationId: string, userIds: readonly string[]): Promise<number> {
    const [counted] = await db.sql<{ found: number }>(
      'SELECT count(*)::int AS found FROM memberships WHERE organization_id = $1 AND user_id = ANY($2)',
      [organizationId, userIds],
    );
    return counted?.found ?? 0;
  }

  /** Longest-standing first. */
  list(db: Db, organizationId: string, after: Keyset | null, limit: number): Promise<MemberRecord[]> {
    return db.sql(
      `${MEMBER}
       WHERE m.organization_id = $1 AND ($2::timestamptz IS NULL OR (m.created_at, m.user_id) > ($2::timestamptz, $3))
       ORDER BY m.created_at, m.user_id LIMIT $4`,
      [organizationId, after?.createdAt ?? null, after?.id ?? null, limit],
    );
  }

  /** The user's memberships, oldest first: the first is the personal organization. */
  listIdsOf(db: Db, userId: string): Promise<{ organizationId: string }[]> {
    return db.sql(`SELECT organization_id AS "organizationId" FROM memberships WHERE user_id = $1 ORDER BY created_at, organization_id`, [
      userId,
    ]);
  }
}

async function one(db: Db, text: string, values: readonly string[]): Promise<MembershipRecord | null> {
  const [membership] = await db.sql<MembershipRecord>(text, values);
  return membership ?? null;
}
