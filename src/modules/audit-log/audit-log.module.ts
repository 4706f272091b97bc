import type { NodeLoaders } from '../../graphql/node';
import type { RoomParts } from '../../graphql/room';
import type { Actor } from '../../lib/actor';
import { auditEntryIds } from '../audit';
import { toAuditEntry } from './audit-entry.type';
import type { AuditFile } from './audit-export';
import { openAuditFile } from './audit-export';
import { AuditLogResolver, OrganizationAuditResolver } from './audit-log.resolver';
import type { AuditLogDeps } from './audit-log.service';
import { AuditLogService } from './audit-log.service';

export const auditLogResolvers = [OrganizationAuditResolver, AuditLogResolver] as const;

export interface AuditLogRoom extends RoomParts {
  readonly auditLog: AuditLogService;
  /** For the transport: the export that a query string asks for. */
  readonly openFile: (actor: Actor, query: unknown) => Promise<AuditFile>;
}

export function createAuditLogRoom(deps: AuditLogDeps): AuditLogRoom {
  const auditLog = new AuditLogService(deps);
  const nodes: NodeLoaders = {
    [auditEntryIds.prefix]: async (id, context) => {
      const entry = await auditLog.findFor(context, id);
      return entry && toAuditEntry(entry);
    },
  };
  return {
    auditLog,
    openFile: (actor, query) => openAuditFile(auditLog, actor, query),
    resolvers: [new OrganizationAuditResolver(auditLog), new AuditLogResolver(auditLog)],
    nodes,
  };
}
