import type { Db, Tx } from '../../persistence/database';
import type { Organization } from '../../persistence/generated/client';
import { Plan } from '../../persistence/generated/enums';

export { Plan };
export type OrganizationRecord = Organization;

const COLUMNS = `id, name, plan, created_at AS "createdAt"`;

export class OrganizationRepository {
  async insert(db: Db, { id, name }: { id: string; name: string }): Promise<OrganizationRecord> {
    const [organization] = await db.sql<OrganizationRecord>(`INSERT INTO organizations (id, name) VALUES ($1, $2) RETURNING ${COLUMNS}`, [
      id,
      name,
    ]);
    return organization as OrganizationRecord;
  }

  /** One change of its members, or of what its plan counts, at a time; readers and foreign keys are not held up. */
  async lock(tx: Tx, id: string): Promise<OrganizationRecord | null> {
    const [organization] = await tx.sql<OrganizationRecord>(`SELECT ${COLUMNS} FROM organizations WHERE id = $1 FOR NO KEY UPDATE`, [id]);
    return organization ?? null;
  }

  async rename(tx: Tx, id: string, name: string): Promise<OrganizationRecord | null> {
    const [organization] = await tx.sql<OrganizationRecord>(`UPDATE organizations SET name = $2 WHERE id = $1 RETURNING ${COLUMNS}`, [
      id,
      name,
    ]);
    return organization ?? null;
  }

  listOf(db: Db, userId: string): Promise<OrganizationRecord[]> {
    return db.sql<OrganizationRecord>(
      `SELECT ${COLUMNS} FROM organizations WHERE id IN (SELECT organization_id FROM memberships WHERE user_id = $1)
       ORDER BY created_at, id`,
      [userId],
    );
  }

  async findForMember(db: Db, id: string, userId: string): Promise<OrganizationRecord | null> {
    const [organization] = await db.sql<OrganizationRecord>(
      `SELECT ${COLUMNS} FROM organizations WHERE id = $1 AND id IN (SELECT organization_id FROM memberships WHERE user_id = $2)`,
      [id, userId],
    );
    return organization ?? null;
  }
}
