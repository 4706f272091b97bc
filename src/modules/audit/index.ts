/**
 * Who did what to which, from where, when. The lowest room: all others record into it, inside their own transactions. Who may read it is
 * decided by `audit-log`.
 */
export { AUDIT_ACTIONS } from './audit-actions';
export type { AuditAction } from './audit-actions';
export { auditEntryIds, AuditTrail } from './audit-trail';
export type { AuditFact } from './audit-trail';
export type { AuditActorKind, AuditEntryRecord, AuditKeyset, AuditSearch } from './audit.repository';
