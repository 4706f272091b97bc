import type { AccessTable } from '../../graphql/access';
import { allow, AS_PARENT } from '../../graphql/access';

export const auditLogAccess: AccessTable = {
  Query: { auditEntries: allow('platformAdmin') },
  Organization: { auditEntries: allow('organizationAdmin', 'audit:read') },
  AuditEntry: { '*': allow('organizationAdmin') },
  AuditEntryConnection: AS_PARENT,
  AuditEntryEdge: AS_PARENT,
};
