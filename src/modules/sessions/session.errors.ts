import { DomainError, forbidden, notFound, preconditionFailed } from '../../errors/domain-error';
import type { Json } from '../../realtime/event';
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

export const sessionUnderWay = (): DomainError => preconditionFailed('SESSION_UNDER_WAY', 'End the session first.');

export function clientIdReused(): DomainError {
  return new DomainError('IDEMPOTENCY_CONFLICT', {
    reason: 'CLIENT_ID_REUSED',
    message: 'The same client id was used before for another session.',
  });
}

export function liveSessionLimitReached(max: number): DomainError {
  return preconditionFailed('LIVE_SESSION_LIMIT_REACHED', `The organization's plan allows ${max} sessions under way at one time.`);
}

export function scheduledSessionLimitReached(max: number): DomainError {
  return preconditionFailed('SCHEDULED_SESSION_LIMIT_REACHED', `The organization's plan allows ${max} sessions that have not begun.`);
}

export function attendeeLimitReached(max: number): DomainError {
  return preconditionFailed('ATTENDEE_LIMIT_REACHED', `The organization's plan allows ${max} seats in a session.`);
}

/** Somebody else has changed the metadata since the version that the change was made for; `details` has them as they are. */
export function metadataChangedMeanwhile(details: { metadata: Json; version: number }): DomainError {
  return new DomainError('CONFLICT', { reason: 'METADATA_CHANGED', message: 'The metadata were changed meanwhile.', details });
}

/** The same of the notes. */
export function notesChangedMeanwhile(details: { body: string; version: number }): DomainError {
  return new DomainError('CONFLICT', { reason: 'NOTES_CHANGED', message: 'The notes were changed meanwhile.', details });
}

export const notTheNoteKeeper = (): DomainError =>
  forbidden('NOT_THE_NOTE_KEEPER', 'Notes are for the host of a conference, and the advisor of a call.');

export const capacityBelowAttendance = (): DomainError =>
  preconditionFailed('CAPACITY_BELOW_ATTENDANCE', 'More people are in the session than the new capacity allows.');
