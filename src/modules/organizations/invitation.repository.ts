import type { Keyset } from '../../lib/keyset';
import type { Db, SqlValue, Tx } from '../../persistence/database';
import type { Invitation } from '../../persistence/generated/client';
import type { MembershipRole } from './membership.repository';

/** Without the token's hash: nobody reads it back. */
export type InvitationRecord = Omit<Invitation, 'tokenHash'>;

export interface NewInvitation {
  readonly id: string;
  readonly organizationId: string;
  readonly email: string;
  readonly role: MembershipRole;
  readonly tokenHash: string;
  readonly lifetimeMs: number;
}

const COLUMNS = `id, organization_id AS "organizationId", email, role, created_at AS "createdAt", expires_at AS "expiresAt",
  accepted_at AS "acceptedAt", revoked_at AS "revokedAt"`;
const PENDING = `accepted_at IS NULL AND revoked_at IS NULL AND expires_at > now()`;

export class InvitationRepository {
  async insert(tx: Tx, { id, organizationId, email, role, tokenHash, lifetimeMs }: NewInvitation): Promise<InvitationRecord> {
    const inserted = await one(
      tx,
      `INSERT INTO invitations (id, organization_id, email, role, token_hash, expires_at)
       VALUES ($1, $2, $3, $4::"MembershipRole", $5, now() + $6::float8 * interval '1 millisecond') RETURNING ${COLUMNS}`,
      [id, organizationId, email, role, tokenHash, lifetimeMs],
    );
    return inserted as InvitationRecord;
  }

  find(db: Db, id: string): Promise<InvitationRecord | null> {
    return one(db, `SELECT ${COLUMNS} FROM invitations WHERE id = $1`, [id]);
  }

  /** A pending one that this token opens for this address. */
  findByToken(db: Db, tokenHash: string, email: string): Promise<InvitationRecord | null> {
    return one(db, `SELECT ${COLUMNS} FROM invitations WHERE token_hash = $1 AND email = $2 AND ${PENDING}`, [tokenHash, email]);
  }

  /** Of two who accept at once one finds it pending, the other finds it used: null. */
  accept(tx: Tx, id: string): Promise<InvitationRecord | null> {
    return one(tx, `UPDATE invitations SET accepted_at = now() WHERE id = $1 AND ${PENDING} RETURNING ${COLUMNS}`, [id]);
  }

  /** Null when it is not pending. */
  revoke(tx: Tx, id: string): Promise<InvitationRecord | null> {
    return one(tx, `UPDATE invitations SET revoked_at = now() WHERE id = $1 AND ${PENDING} RETURNING ${COLUMNS}`, [id]);
  }

  async revokeAllFor(tx: Tx, organizationId: string, email: string): Promise<void> {
    await tx.sql(`UPDATE invitations SET revoked_at = now() WHERE organization_id = $1 AND email = $2 AND ${PENDING}`, [
      organizationId,
      email,
    ]);
  }

  /** Pending ones, oldest first. */
  list(db: Db, organizationId: string, after: Keyset | null, limit: number): Promise<InvitationRecord[]> {
    return db.sql(
      `SELECT ${COLUMNS} FROM invitations
       WHERE organization_id = $1 AND ${PENDING} AND ($2::timestamptz IS NULL OR (created_at, id) > ($2::timestamptz, $3))
       ORDER BY created_at, id LIMIT $4`,
      [organizationId, after?.createdAt ?? null, after?.id ?? null, limit],
    );
  }
}

async function one(db: Db, text: string, values: readonly SqlValue[]): Promise<InvitationRecord | null> {
  const [invitation] = await db.sql<InvitationRecord>(text, values);
  return invitation ?? null;
}
