import { AuditTrail } from './audit-trail';
import { AuditRepository } from './audit.repository';

export interface AuditRoom {
  readonly audit: AuditTrail;
}

export function createAuditRoom(): AuditRoom {
  return { audit: new AuditTrail(new AuditRepository()) };
}
