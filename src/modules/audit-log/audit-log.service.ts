import { badInput } from '../../errors/domain-error';
import type { Actor } from '../../lib/actor';
import type { Viewer } from '../../lib/viewer';
import { viewerIds } from '../../lib/viewer';
import type { Db } from '../../persistence/database';
import type { Kernel } from '../../realtime/kernel';
import type { AuditEntryRecord, AuditKeyset, AuditTrail } from '../audit';
import type { OrganizationService } from '../organizations';
import type { UserService } from '../users';
import { hasAuditScope, requireAuditScope } from './audit-log.policy';

/** Null and undefined leave something open. */
export interface AuditQuery {
  readonly action?: string | null;
  readonly actorId?: string | null;
  readonly targetId?: string | null;
  readonly from?: Date | null;
  readonly to?: Date | null;
}

export interface AuditPage {
  readonly olderThan: AuditKeyset | null;
  readonly limit: number;
}

/** What of an export is in memory at once. */
const EXPORT_PAGE = 500;

export interface AuditLogDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork'>;
  readonly audit: AuditTrail;
  readonly users: UserService;
  readonly organizations: OrganizationService;
}

/**
 * Who may read what is recorded: administrators of an organization what concerns it, administrators of the platform everything. The latter
 * look into what is not theirs, so their looking is recorded too.
 */
export class AuditLogService {
  constructor(private readonly deps: AuditLogDeps) {}

  /** Newest first. NOT_FOUND for strangers, FORBIDDEN for members who do not administer it. */
  async listOf(viewer: Viewer, organizationId: string, query: AuditQuery, page: AuditPage): Promise<AuditEntryRecord[]> {
    await this.requireAdministrator(this.deps.kernel.database.as(viewerIds(viewer)), viewer, organizationId);
    return this.read(organizationId, query, page);
  }

  /** The same for administrators of the platform: of one organization, or of all and none (null). */
  async listAll(actor: Actor, organizationId: string | null, query: AuditQuery, page: AuditPage): Promise<AuditEntryRecord[]> {
    const { kernel, audit, users } = this.deps;
    await kernel.unitOfWork.run(async (tx) => {
      await users.requirePlatformAdmin(tx, actor.viewer);
      audit.record(tx, actor, { action: 'audit.read', organizationId, details: { filters: namesOf(query) } });
    });
    return this.read(organizationId, query, page);
  }

  /** Null when there is none, or the viewer may not read it. */
  async findFor(actor: Actor, id: string): Promise<AuditEntryRecord | null> {
    const { kernel, audit, users } = this.deps;
    const entry = await audit.find(kernel.database, id);
    if (entry === null || (await this.administers(actor.viewer, entry))) return entry;
    if (!(await users.isPlatformAdmin(kernel.database, actor.viewer))) return null;
    const fact = { action: 'audit.read', organizationId: entry.organizationId, targetId: id } as const;
    await kernel.unitOfWork.run((tx) => Promise.resolve(audit.record(tx, actor, fact)));
    return entry;
  }

  /**
   * All that the query finds, page by page as it is taken. Of one organization for its administrators and those of the platform, of the
   * whole platform (null) for the latter. That it was asked for is recorded before the first page is read.
   */
  async export(
    actor: Actor,
    organizationId: string | null,
    query: AuditQuery,
    format: string,
  ): Promise<AsyncGenerator<AuditEntryRecord[]>> {
    const { kernel, audit, users } = this.deps;
    assertOrder(query);
    await kernel.unitOfWork.as(viewerIds(actor.viewer)).run(async (tx) => {
      if (organizationId === null) await users.requirePlatformAdmin(tx, actor.viewer);
      else if (!(await users.isPlatformAdmin(tx, actor.viewer))) await this.requireAdministrator(tx, actor.viewer, organizationId);
      audit.record(tx, actor, { action: 'audit.exported', organizationId, details: { format, filters: namesOf(query) } });
    });
    return this.pages(organizationId, query);
  }

  private async *pages(organizationId: string | null, query: AuditQuery): AsyncGenerator<AuditEntryRecord[]> {
    let olderThan: AuditKeyset | null = null;
    for (;;) {
      const page: AuditEntryRecord[] = await this.read(organizationId, query, { olderThan, limit: EXPORT_PAGE });
      const last = page.at(-1);
      if (last !== undefined) yield page;
      if (last === undefined || page.length < EXPORT_PAGE) return;
      olderThan = { at: last.at, id: last.id };
    }
  }

  private async read(organizationId: string | null, query: AuditQuery, page: AuditPage): Promise<AuditEntryRecord[]> {
    assertOrder(query);
    const { action = null, actorId = null, targetId = null, from = null, to = null } = query;
    return this.deps.audit.list(this.deps.kernel.database, { organizationId, action, actorId, targetId, from, to, ...page });
  }

  private async requireAdministrator(db: Db, viewer: Viewer, organizationId: string): Promise<void> {
    await this.deps.organizations.requireRole(db, viewer, organizationId, 'ADMIN');
    requireAuditScope(viewer);
  }

  private async administers(viewer: Viewer, { organizationId }: AuditEntryRecord): Promise<boolean> {
    if (organizationId === null || !hasAuditScope(viewer)) return false;
    return this.deps.organizations.hasRole(this.deps.kernel.database.as(viewerIds(viewer)), viewer, organizationId, 'ADMIN');
  }
}

function namesOf(query: AuditQuery): string[] {
  return Object.entries(query).flatMap(([name, value]) => (value == null ? [] : [name]));
}

function assertOrder({ from, to }: AuditQuery): void {
  if (from != null && to != null && to < from) throw badInput('filter.to', 'must not be before from');
}
