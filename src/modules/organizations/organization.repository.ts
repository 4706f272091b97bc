import type { Database, Db } from '../../persistence/database';
import type { Membership, Organization } from '../../persistence/generated/client';
import { Plan } from '../../persistence/generated/enums';

export { Plan };
export type OrganizationRecord = Organization;
export type MembershipRole = Membership['role'];

export class OrganizationRepository {
  async insert(db: Db, { id, name }: { id: string; name: string }): Promise<void> {
    await db.sql(`INSERT INTO organizations (id, name) VALUES ($1, $2)`, [id, name]);
  }

  async insertMember(db: Db, organizationId: string, userId: string, role: MembershipRole): Promise<void> {
    await db.sql(`INSERT INTO memberships (organization_id, user_id, role) VALUES ($1, $2, $3::"MembershipRole")`, [
      organizationId,
      userId,
      role,
    ]);
  }

  /** The user's memberships, oldest first: the first is the personal organization. */
  listIdsOf(db: Db, userId: string): Promise<{ organizationId: string }[]> {
    return db.sql(`SELECT organization_id AS "organizationId" FROM memberships WHERE user_id = $1 ORDER BY created_at, organization_id`, [
      userId,
    ]);
  }

  async isMember(db: Db, organizationId: string, userId: string): Promise<boolean> {
    const rows = await db.sql(`SELECT 1 FROM memberships WHERE organization_id = $1 AND user_id = $2`, [organizationId, userId]);
    return rows.length > 0;
  }

  listOf(database: Database, userId: string): Promise<OrganizationRecord[]> {
    return database.orm.organization.findMany({
      where: { memberships: { some: { userId } } },
      orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
    });
  }

  findForMember(database: Database, id: string, userId: string): Promise<OrganizationRecord | null> {
    return database.orm.organization.findFirst({ where: { id, memberships: { some: { userId } } } });
  }
}
