import { isIP } from 'node:net';
import { z } from 'zod';

// How the text of a variable is read. Each schema says in its own words what the text must be.

export const onOff = z.enum(['on', 'off'], 'must be on or off').transform((text) => text === 'on');

export function integer(min: number, max: number) {
  return z
    .string()
    .refine((text) => /^\d{1,9}$/.test(text) && Number(text) >= min && Number(text) <= max, `must be a whole number from ${min} to ${max}`)
    .transform(Number);
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** In milliseconds; null when it is off. */
export function durationOrOff(minMs: number, maxMs: number, problem: string) {
  return z
    .string()
    .transform((text) => (text === 'off' || text === '0' ? null : milliseconds(text)))
    .refine((ms) => ms === null || (ms >= minMs && ms <= maxMs), problem);
}

function milliseconds(text: string): number {
  const [, count, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  return Number(count) * (UNIT_MS[unit] ?? NaN);
}

export function listOf(item: (text: string) => boolean, problem: string) {
  return z
    .string()
    .transform((text) => (text === 'none' ? [] : text.split(',').map((part) => part.trim())))
    .refine((parts) => parts.every(item), problem);
}

export function urlWith(protocols: readonly string[]) {
  return z.string().refine((text) => isUrlWith(protocols, text), `must be a ${protocols.join(' or ')} URL`);
}

/** One, or several as a comma list. */
export function urlsWith(protocols: readonly string[]) {
  return z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .refine((parts) => parts.every((part) => isUrlWith(protocols, part)), `must be a ${protocols.join(' or ')} URL`);
}

function isUrlWith(protocols: readonly string[], text: string): boolean {
  return URL.canParse(text) && protocols.includes(new URL(text).protocol.replace(/:$/, ''));
}

/** An http URL of a place, kept without a trailing slash. */
export const placeUrl = z
  .string()
  .refine(isPlace, 'must be an http or https URL without a query or a fragment')
  .transform((text) => text.replace(/\/+$/, ''));

export function isPlace(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, search, hash } = new URL(text);
  return ['http:', 'https:'].includes(protocol) && username + search + hash === '' && !/[?#]/.test(text);
}

export function isOrigin(text: string): boolean {
  return /^https?:\/\//.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

/** An address, or a name and an address. In one line: it becomes a header. */
export function isMailbox(text: string): boolean {
  return /^(?:[^<>\p{Cc}]{0,100}<([^<>\s@]+@[\w.-]+)>|[^<>\s@]+@[\w.-]+)$/u.test(text);
}

const MAX_HOPS = 10;

export const trustedProxies = z
  .string()
  .transform((text) =>
    text === 'off' ? 0 : text === 'on' ? 1 : /^\d+$/.test(text) ? Number(text) : text.split(',').map((part) => part.trim()),
  )
  .refine(
    (proxies) => (typeof proxies === 'number' ? proxies <= MAX_HOPS : proxies.every(isNetwork)),
    `must be on, off, a number up to ${MAX_HOPS}, or a comma list of addresses and networks like 10.0.0.0/8`,
  );

function isNetwork(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  const bits = isIP(address) === 4 ? 32 : 128;
  return isIP(address) !== 0 && rest.length === 0 && (prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits));
}

const HOOK_SOURCE = /^([a-z0-9][a-z0-9-]{0,31}):(?:whsec_)?([A-Za-z0-9+/]+=*)$/;
/** Of a secret that signs webhooks, as Standard Webhooks demands. */
const MIN_HOOK_SECRET_BYTES = 24;

/** The secrets of each source. */
export const hookSources = z
  .string()
  .transform((text) => (text === 'none' ? [] : text.split(',').map((part) => HOOK_SOURCE.exec(part.trim()) ?? [])))
  .refine(
    (sources) => sources.every(([, , secret = '']) => Buffer.from(secret, 'base64').length >= MIN_HOOK_SECRET_BYTES),
    `must be none or a comma list of name:secret, with secrets of at least ${MIN_HOOK_SECRET_BYTES} bytes in base64`,
  )
  .transform((sources) => {
    const secrets = new Map<string, string[]>();
    for (const [, name = '', secret = ''] of sources) secrets.set(name, [...(secrets.get(name) ?? []), secret]);
    return Object.fromEntries(secrets);
  });

const HOST_AND_PORT = '(\\[[0-9a-fA-F:.]+\\]|[A-Za-z0-9._-]+)(:\\d{1,5})?';
export const STUN_URL = new RegExp(`^stuns?:${HOST_AND_PORT}$`);
export const TURN_URL = new RegExp(`^turns?:${HOST_AND_PORT}(\\?transport=(udp|tcp))?$`);
