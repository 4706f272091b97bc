import { badInput, DomainError, forbidden, preconditionFailed } from '../../errors/domain-error';

export const MAX_PAYLOAD_BYTES = 64 * 1024;
export const MAX_CANDIDATES = 100;

/** All copies of a signal to many taken together. */
export const MAX_BROADCAST_BYTES = 16 * 1024 * 1024;

export function invalidSdp(problem: string): DomainError {
  return badPayload('INVALID_SDP', 'payload.sdp', problem);
}

export function invalidCandidate(path: string, problem: string): DomainError {
  return badPayload('INVALID_CANDIDATE', path, problem);
}

export function invalidPayload(path: string, problem: string): DomainError {
  return badPayload('INVALID_PAYLOAD', path, problem);
}

export function payloadTooLarge(): DomainError {
  return new DomainError('PAYLOAD_TOO_LARGE', {
    message: `A signal may carry at most ${MAX_PAYLOAD_BYTES} bytes, to many at once less.`,
    reason: 'SIGNAL_TOO_LARGE',
    details: { limit: 'signalPayloadBytes', max: MAX_PAYLOAD_BYTES },
  });
}

export function tooManySignals(retryAfterMs: number): DomainError {
  return new DomainError('RATE_LIMITED', { message: 'Too many signals to this peer.', reason: 'SIGNAL_RATE', details: { retryAfterMs } });
}

export const presentersOnly = (): DomainError => forbidden('PRESENTERS_ONLY', 'Only who presents may signal to everybody: say to whom.');

export const notPresenting = (): DomainError => forbidden('NOT_PRESENTING', 'Only who may present may share a screen.');
export const noMediaServer = (): DomainError =>
  preconditionFailed('MEDIA_SERVER_ABSENT', 'This server has no media server: connect to the others by signals.');

export const signalToOneself = (): DomainError => badInput('to', 'must be another attendee');

function badPayload(reason: string, path: string, problem: string): DomainError {
  return new DomainError('BAD_USER_INPUT', { message: `${path} ${problem}.`, reason, details: { fields: [{ path, problem }] } });
}
