import type { Json } from '../../realtime/event';
import { requireCandidate } from './ice-candidate';
import { requireSessionDescription } from './session-description';
import { invalidCandidate, invalidPayload, invalidSdp, MAX_CANDIDATES, MAX_PAYLOAD_BYTES, payloadTooLarge } from './signaling.errors';

export const SignalType = {
  OFFER: 'OFFER',
  ANSWER: 'ANSWER',
  ICE_CANDIDATE: 'ICE_CANDIDATE',
  ICE_RESTART: 'ICE_RESTART',
  RENEGOTIATE: 'RENEGOTIATE',
  END: 'END',
  SCREEN_SHARE_STARTED: 'SCREEN_SHARE_STARTED',
  SCREEN_SHARE_STOPPED: 'SCREEN_SHARE_STOPPED',
  MUTE_STATE: 'MUTE_STATE',
  BANDWIDTH: 'BANDWIDTH',
} as const;
export type SignalType = keyof typeof SignalType;

/** A list of candidates is two deep; reports of bandwidth may nest a little more. */
const MAX_DEPTH = 4;
/** Ten gigabits a second. */
const MAX_KBPS = 10_000_000;
const MAX_REASON_LENGTH = 200;
const MAX_IDENTIFIER_LENGTH = 256;
const DESCRIPTION_TYPES: readonly unknown[] = ['offer', 'answer', 'pranswer', 'rollback'];

type Fields = Readonly<Record<string, unknown>>;

const REQUIRE: Readonly<Record<SignalType, (payload: unknown) => void>> = {
  OFFER: requireDescription,
  ANSWER: requireDescription,
  ICE_RESTART: requireDescriptionOrRequest,
  RENEGOTIATE: requireDescriptionOrRequest,
  ICE_CANDIDATE: requireCandidates,
  END: requireReason,
  SCREEN_SHARE_STARTED: requireObject,
  SCREEN_SHARE_STOPPED: requireObject,
  MUTE_STATE: requireMuteState,
  BANDWIDTH: requireBandwidth,
};

/** Requires the payload to have its type's shape, to be small, and to hold what WebRTC can read. Throws BAD_USER_INPUT or PAYLOAD_TOO_LARGE. */
export function requirePayload(type: SignalType, payload: unknown): Json {
  requireShallow(payload, MAX_DEPTH);
  if (Buffer.byteLength(JSON.stringify(payload)) > MAX_PAYLOAD_BYTES) throw payloadTooLarge();
  REQUIRE[type](payload);
  return payload as Json;
}

/** `{sdp}`, or a whole `RTCSessionDescriptionInit`. */
function requireDescription(payload: unknown): void {
  const fields = fieldsOf(payload, 'payload', ['sdp', 'type']);
  if (typeof fields.sdp !== 'string') throw invalidSdp('must be a string');
  requireSessionDescription(fields.sdp);
  if (fields.type !== undefined && !DESCRIPTION_TYPES.includes(fields.type))
    throw invalidPayload('payload.type', 'is not a type of description');
}

/** Without a description: the other side is asked to make one. */
function requireDescriptionOrRequest(payload: unknown): void {
  if ('sdp' in fieldsOf(payload, 'payload')) requireDescription(payload);
  else requireReason(payload);
}

function requireCandidates(payload: unknown): void {
  if (!Array.isArray(payload)) return requireOneCandidate(payload, 'payload');
  if (payload.length === 0 || payload.length > MAX_CANDIDATES)
    throw invalidCandidate('payload', `must have from 1 to ${MAX_CANDIDATES} candidates`);
  payload.forEach((item, index) => requireOneCandidate(item, `payload.${index}`));
}

/** An `RTCIceCandidateInit`. */
function requireOneCandidate(payload: unknown, path: string): void {
  const { candidate, sdpMid, sdpMLineIndex, usernameFragment } = fieldsOf(payload, path, [
    'candidate',
    'sdpMid',
    'sdpMLineIndex',
    'usernameFragment',
  ]);
  if (typeof candidate !== 'string') throw invalidCandidate(`${path}.candidate`, 'must be a string');
  requireCandidate(candidate, `${path}.candidate`);
  requireOptional(`${path}.sdpMid`, sdpMid, isIdentifier);
  requireOptional(`${path}.usernameFragment`, usernameFragment, isIdentifier);
  requireOptional(
    `${path}.sdpMLineIndex`,
    sdpMLineIndex,
    (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 65_535,
  );
}

function requireReason(payload: unknown): void {
  const { reason } = fieldsOf(payload, 'payload', ['reason']);
  requireOptional('payload.reason', reason, (value) => typeof value === 'string' && value.length <= MAX_REASON_LENGTH);
}

function requireMuteState(payload: unknown): void {
  const { audio, video } = fieldsOf(payload, 'payload');
  requireOptional('payload.audio', audio, (value) => typeof value === 'boolean');
  requireOptional('payload.video', video, (value) => typeof value === 'boolean');
}

/** Other reports beside the one that the server makes itself are between the peers. */
function requireBandwidth(payload: unknown): void {
  const { maxBitrateKbps } = fieldsOf(payload, 'payload');
  requireOptional(
    'payload.maxBitrateKbps',
    maxBitrateKbps,
    (value) => Number.isInteger(value) && Number(value) > 0 && Number(value) <= MAX_KBPS,
  );
}

function requireObject(payload: unknown): void {
  fieldsOf(payload, 'payload');
}

function fieldsOf(value: unknown, path: string, known?: readonly string[]): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalidPayload(path, 'must be an object');
  if (known && Object.keys(value).some((key) => !known.includes(key))) throw invalidPayload(path, `may have only ${known.join(', ')}`);
  return value as Fields;
}

function requireOptional(path: string, value: unknown, fits: (value: unknown) => boolean): void {
  if (value != null && !fits(value)) throw invalidPayload(path, 'is not valid');
}

function isIdentifier(value: unknown): boolean {
  return typeof value === 'string' && value.length <= MAX_IDENTIFIER_LENGTH;
}

function requireShallow(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth === 0) throw invalidPayload('payload', `may nest at most ${MAX_DEPTH} deep`);
  for (const item of Object.values(value)) requireShallow(item, depth - 1);
}
