import { DomainError, notFound, preconditionFailed } from '../../errors/domain-error';
import type { PollStatus } from './poll.repository';

export const pollNotFound = (): DomainError => notFound('Poll');

export function illegalInStatus(status: PollStatus): DomainError {
  return preconditionFailed(`POLL_${status}`, `The poll is ${status}.`);
}

export const clientIdReused = (): DomainError =>
  new DomainError('IDEMPOTENCY_CONFLICT', {
    reason: 'CLIENT_ID_REUSED',
    message: 'This client id was used for another poll in this session.',
  });
