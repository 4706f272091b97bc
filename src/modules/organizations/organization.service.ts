import { preconditionFailed } from '../../errors/domain-error';
import { idKind } from '../../lib/ids';
import type { Viewer } from '../../lib/viewer';
import type { Database, Db } from '../../persistence/database';
import type { OrganizationRecord, OrganizationRepository } from './organization.repository';

export const organizationIds = idKind('org');

export class OrganizationService {
  constructor(
    private readonly database: Database,
    private readonly organizations: OrganizationRepository,
  ) {}

  /** Everything belongs to an organization; a person alone has one of their own, made with the account. */
  async createPersonal(db: Db, owner: { id: string; displayName: string }): Promise<void> {
    const id = organizationIds.create();
    await this.organizations.insert(db, { id, name: owner.displayName });
    await this.organizations.insertMember(db, id, owner.id, 'OWNER');
  }

  /** The organization that what this user makes belongs to. */
  async requireHome(db: Db, userId: string): Promise<string> {
    const [home] = await this.listIdsOf(db, userId);
    if (home === undefined) throw preconditionFailed('NO_ORGANIZATION', 'Join an organization first.');
    return home;
  }

  async listIdsOf(db: Db, userId: string): Promise<string[]> {
    const memberships = await this.organizations.listIdsOf(db, userId);
    return memberships.map(({ organizationId }) => organizationId);
  }

  isMember(db: Db, organizationId: string, userId: string): Promise<boolean> {
    return this.organizations.isMember(db, organizationId, userId);
  }

  listOf(userId: string): Promise<OrganizationRecord[]> {
    return this.organizations.listOf(this.database, userId);
  }

  /** Members only: to everyone else it does not exist. */
  async findFor(viewer: Viewer, id: string): Promise<OrganizationRecord | null> {
    if (viewer.kind !== 'user' || !organizationIds.is(id)) return null;
    return this.organizations.findForMember(this.database, id, viewer.userId);
  }
}
