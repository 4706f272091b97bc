/** Reading what the `audit` room recorded: who may, page by page, and as a file. */
export { AuditLogService } from './audit-log.service';
export type { AuditPage, AuditQuery } from './audit-log.service';
