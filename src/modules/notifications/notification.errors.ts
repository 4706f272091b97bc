import { badInput, DomainError, notFound } from '../../errors/domain-error';

export function notificationNotFound(): DomainError {
  return notFound('Notification');
}

/** One answer for who is of another organization and who does not exist. */
export function notMembers(): DomainError {
  return badInput('userIds', 'must be members of the organization');
}

export function tooManyNotices(retryAfterMs: number): DomainError {
  return new DomainError('RATE_LIMITED', {
    message: 'The applications of this organization tell too many people at once.',
    reason: 'NOTICE_RATE',
    details: { retryAfterMs },
  });
}
