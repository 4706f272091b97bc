import { badInput, DomainError } from '../../errors/domain-error';

export const connectedToOneself = (): DomainError => badInput('remoteId', 'must be another attendee');

export function tooManyReports(retryAfterMs: number): DomainError {
  return new DomainError('RATE_LIMITED', { message: 'Too many reports.', reason: 'REPORT_RATE', details: { retryAfterMs } });
}
