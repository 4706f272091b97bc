import { Arg, Ctx, FieldResolver, ID, Int, Query, Resolver, Root } from 'type-graphql';
import type { PageRequest } from '../../graphql/connection';
import { keysetOf, pageCost, pageRequest, toConnection } from '../../graphql/connection';
import type { Context } from '../../graphql/context';
import type { AuditEntryRecord } from '../audit';
import { auditEntryIds } from '../audit';
import { Organization } from '../organizations';
import { AuditEntryConnection, toAuditEntry } from './audit-entry.type';
import { AuditFilter } from './audit-log.input';
import type { AuditLogService, AuditPage } from './audit-log.service';

const LIST = 'audit';
const FIRST = 'How many, 1 to 100; 25 when left out.';
const AFTER = 'The cursor to go on after.';
const WHICH = 'Which ones.';

@Resolver(() => Organization)
export class OrganizationAuditResolver {
  constructor(private readonly auditLog: AuditLogService) {}

  @FieldResolver(() => AuditEntryConnection, {
    complexity: pageCost,
    description: 'What was done that concerns the organization, newest first. For its administrators: FORBIDDEN to other members.',
  })
  async auditEntries(
    @Root() { id }: Organization,
    @Arg('first', () => Int, { nullable: true, description: FIRST }) first: number | null | undefined,
    @Arg('after', () => String, { nullable: true, description: AFTER }) after: string | null | undefined,
    @Arg('filter', () => AuditFilter, { nullable: true, description: WHICH }) filter: AuditFilter | null | undefined,
    @Ctx() { viewer }: Context,
  ): Promise<AuditEntryConnection> {
    const request = pageRequest({ first, after }, LIST, 2);
    return toPage(request, await this.auditLog.listOf(viewer, id, filter ?? {}, pageOf(request)));
  }
}

@Resolver()
export class AuditLogResolver {
  constructor(private readonly auditLog: AuditLogService) {}

  @Query(() => AuditEntryConnection, {
    complexity: pageCost,
    description: 'What was done anywhere, newest first. For administrators of the platform, whose reading is recorded as well.',
  })
  async auditEntries(
    @Arg('first', () => Int, { nullable: true, description: FIRST }) first: number | null | undefined,
    @Arg('after', () => String, { nullable: true, description: AFTER }) after: string | null | undefined,
    @Arg('organizationId', () => ID, { nullable: true, description: 'What concerns this organization; everything when left out.' })
    organizationId: string | null | undefined,
    @Arg('filter', () => AuditFilter, { nullable: true, description: WHICH }) filter: AuditFilter | null | undefined,
    @Ctx() context: Context,
  ): Promise<AuditEntryConnection> {
    const request = pageRequest({ first, after }, LIST, 2);
    return toPage(request, await this.auditLog.listAll(context, organizationId ?? null, filter ?? {}, pageOf(request)));
  }
}

function toPage(request: PageRequest, rows: readonly AuditEntryRecord[]): AuditEntryConnection {
  return toConnection(request, LIST, rows, ({ at, id }) => [at.getTime(), id], toAuditEntry);
}

function pageOf(request: PageRequest): AuditPage {
  const place = keysetOf(request, auditEntryIds);
  return { olderThan: place && { at: place.createdAt, id: place.id }, limit: request.size + 1 };
}
