import { isIP } from 'node:net';
import type { DomainError } from '../../errors/domain-error';
import { invalidCandidate } from './signaling.errors';

const MAX_LENGTH = 1_024;
const MAX_PRIORITY = 2 ** 31 - 1;

const TYPE = /^[A-Za-z0-9-]{1,32}$/;
const FOUNDATION = /^[A-Za-z0-9+/]{1,32}$/;
const EXTENSION = /^[\x21-\x7e]+$/;
const HOST_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?){0,20}$/;

/**
 * Requires `candidate` to be one `candidate-attribute` of RFC 8839 §5.1, as browsers write it (an `a=` in front is allowed):
 *
 *     candidate:foundation component transport priority address port "typ" type ["raddr" address] ["rport" port] *(name value)
 *
 * The empty string marks the end of candidates and is accepted. Nothing is ever resolved or dialled.
 */
export function requireCandidate(candidate: string, path: string): void {
  if (candidate === '') return;
  const refuse = (problem: string): DomainError => invalidCandidate(path, problem);
  if (candidate.length > MAX_LENGTH) throw refuse(`must have at most ${MAX_LENGTH} characters`);
  const match = /^(?:a=)?candidate:(.*)$/.exec(candidate);
  if (match?.[1] === undefined) throw refuse('must begin with candidate:');

  const [foundation, component, transport, priority, address, port, typ, type, ...rest] = match[1].trimEnd().split(' ');
  if (!FOUNDATION.test(foundation ?? '')) throw refuse('has no valid foundation');
  if (!isInteger(component, 1, 256)) throw refuse('has no valid component');
  if (!TYPE.test(transport ?? '')) throw refuse('has no valid transport');
  if (!isInteger(priority, 1, MAX_PRIORITY)) throw refuse('has no valid priority');
  if (!isAddress(address)) throw refuse('has no valid address');
  if (!isInteger(port, 0, 65_535)) throw refuse('has no valid port');
  if (typ !== 'typ' || !TYPE.test(type ?? '')) throw refuse('has no type');
  requireExtensions(rest, refuse);
}

function requireExtensions(words: readonly string[], refuse: (problem: string) => DomainError): void {
  if (words.length % 2 !== 0) throw refuse('has an extension without a value');
  for (let i = 0; i < words.length; i += 2) {
    const name = words[i] ?? '';
    const value = words[i + 1] ?? '';
    if (name === 'raddr' && !isAddress(value)) throw refuse('has no valid related address');
    if (name === 'rport' && !isInteger(value, 0, 65_535)) throw refuse('has no valid related port');
    if (!EXTENSION.test(name) || !EXTENSION.test(value)) throw refuse('has an invalid extension');
  }
}

/** IPv4, IPv6, or a name: browsers hide local addresses behind `….local` (RFC 8828). */
function isAddress(text = ''): boolean {
  return text.length <= 255 && (isIP(text) !== 0 || HOST_NAME.test(text));
}

function isInteger(text = '', min: number, max: number): boolean {
  return /^\d{1,10}$/.test(text) && Number(text) >= min && Number(text) <= max;
}
