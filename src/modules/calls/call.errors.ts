import { badInput, DomainError, notFound, preconditionFailed } from '../../errors/domain-error';
import type { SideCommand } from './call-state';
import type { CallStatus } from './call.repository';

export const callNotFound = (): DomainError => notFound('Call');

export const callingOneself = (): DomainError => badInput('calleeId', 'must be another attendee');

export const alreadyInCall = (): DomainError => preconditionFailed('ALREADY_IN_CALL', 'You are in a call already: end it first.');

export const answeredElsewhere = (): DomainError =>
  new DomainError('CONFLICT', { message: 'Another device has answered the call.', reason: 'ANSWERED_ELSEWHERE' });

const NAMES: Readonly<Record<SideCommand, string>> = {
  answer: 'answered',
  reject: 'rejected',
  cancel: 'cancelled',
  hold: 'held',
  resume: 'resumed',
  hangUp: 'hung up',
  leave: 'left',
};

/** The call is not in a state for it, or it is for the other side to do. */
export function illegalCallCommand(status: CallStatus, command: SideCommand): DomainError {
  if (status === 'ENDED') return preconditionFailed('CALL_ENDED', 'The call is over.');
  return preconditionFailed('ILLEGAL_CALL_COMMAND', `A call that is ${status} cannot be ${NAMES[command]} by you.`);
}

export function tooManyCalls(retryAfterMs: number): DomainError {
  return new DomainError('RATE_LIMITED', { message: 'Too many calls.', reason: 'CALL_RATE', details: { retryAfterMs } });
}
