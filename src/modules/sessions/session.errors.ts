import { DomainError, forbidden, notFound, preconditionFailed } from '../../errors/domain-error';
import type { LifecycleCommand } from './session.lifecycle';
import type { SessionStatus } from './session.repository';

export const sessionNotFound = (): DomainError => notFound('Session');

export function tooManyGuesses(retryAfterMs: number): DomainError {
  return new DomainError('RATE_LIMITED', {
    message: 'Too many codes that no session has. Try again later.',
    reason: 'TOO_MANY_GUESSES',
    details: { retryAfterMs: Math.ceil(retryAfterMs) },
  });
}

export const notTheHost = (): DomainError => forbidden('NOT_THE_HOST', 'Only who runs the session may do this.');

export function illegalTransition(status: SessionStatus, command: LifecycleCommand): DomainError {
  return preconditionFailed('ILLEGAL_TRANSITION', `A session that is ${status} cannot ${command}.`);
}

/** The session is over, one way or the other. */
export function sessionOver(status: SessionStatus): DomainError {
  return status === 'CANCELLED'
    ? preconditionFailed('SESSION_CANCELLED', 'The session was cancelled.')
    : preconditionFailed('SESSION_ENDED', 'The session has ended.');
}

export const sessionNotLive = (): DomainError => preconditionFailed('SESSION_NOT_LIVE', 'The session is not live.');

export const capacityBelowAttendance = (): DomainError =>
  preconditionFailed('CAPACITY_BELOW_ATTENDANCE', 'More people are in the session than the new capacity allows.');
