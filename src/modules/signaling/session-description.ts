import { parse } from 'sdp-transform';
import { requireCandidate } from './ice-candidate';
import { invalidSdp, MAX_CANDIDATES, MAX_PAYLOAD_BYTES } from './signaling.errors';

const MAX_LINE_LENGTH = 4_096;

/** `<type>=<value>`: the value is any text without control characters (RFC 8866 §9 `byte-string`; a tab may stand in it). */
const LINE = /^[a-z]=(?:\t|\P{Cc})+$/u;

/** The order of lines that RFC 8866 §5 fixes, written over the lines' types: first the session's, then each medium's. */
const LINE_ORDER = /^vosi?u?e*p*c?b*(?:tr*)+z?k?a*(?:mi?c*b*k?a*)*$/;

const VERSION = 'v=0';
const TIMING = /^t=\d{1,20} \d{1,20}$/;
const ORIGIN = /^o=\S{1,255} \d{1,20} \d{1,20} \S{1,32} IP[46] \S{1,255}$/;
const MEDIUM = /^m=[a-z][a-z0-9-]{0,31} \d{1,5}(?:\/\d{1,5})? [A-Za-z0-9/-]{1,64}(?: \S{1,64}){1,255}$/;

/**
 * Requires a session description of RFC 8866. Two readers must agree on it: the line grammar here, because the parser skips what it
 * does not know, and `sdp-transform`, because grammar alone does not show that a description can be understood.
 */
export function requireSessionDescription(sdp: string): void {
  if (Buffer.byteLength(sdp) > MAX_PAYLOAD_BYTES) throw invalidSdp(`must have at most ${MAX_PAYLOAD_BYTES} bytes`);
  const lines = sdp.replace(/\r?\n$/, '').split(/\r?\n/);
  requireLines(lines);
  requireCandidateLines(lines);
  requireParsed(sdp, lines);
}

function requireLines(lines: readonly string[]): void {
  for (const line of lines) {
    if (line.length > MAX_LINE_LENGTH) throw invalidSdp(`has a line of more than ${MAX_LINE_LENGTH} characters`);
    if (!LINE.test(line)) throw invalidSdp('has a line that is not <type>=<value>');
  }
  if (!LINE_ORDER.test(lines.map((line) => line.charAt(0)).join(''))) throw invalidSdp('lacks lines or has them in the wrong order');
  if (lines[0] !== VERSION) throw invalidSdp('must begin with v=0');
  for (const line of lines) {
    if (line.startsWith('o=') && !ORIGIN.test(line)) throw invalidSdp('has an invalid origin line');
    if (line.startsWith('t=') && !TIMING.test(line)) throw invalidSdp('has an invalid timing line');
    if (line.startsWith('m=') && !MEDIUM.test(line)) throw invalidSdp('has an invalid media line');
  }
}

function requireCandidateLines(lines: readonly string[]): void {
  const candidates = lines.filter((line) => line.startsWith('a=candidate:'));
  if (candidates.length > MAX_CANDIDATES) throw invalidSdp(`may have at most ${MAX_CANDIDATES} candidates`);
  for (const line of candidates) requireCandidate(line, 'payload.sdp');
}

function requireParsed(sdp: string, lines: readonly string[]): void {
  const description = parse(sdp);
  const media = lines.filter((line) => line.startsWith('m=')).length;
  const understood = description.version === 0 && description.origin !== undefined && description.timing !== undefined;
  if (!understood || description.media.length !== media || description.media.some((medium) => medium.protocol === undefined)) {
    throw invalidSdp('cannot be parsed');
  }
}
