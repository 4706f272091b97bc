import type { IncomingHttpHeaders } from 'node:http';

/** Which web pages may talk to this server; null is any. Whoever is any is never believed a cookie. */
export type AllowedOrigins = readonly string[] | null;

/** Whose pages may use this server's cookies. */
export interface TrustedPages {
  readonly allowedOrigins: AllowedOrigins;
  /** Where browsers reach this server. */
  readonly publicUrl: string;
}

/**
 * Whether a browser's page may open a socket. Its own origin always may. Without an `Origin` it is no browser, and has no user's
 * credentials to abuse.
 */
export function mayConnect(headers: IncomingHttpHeaders, allowed: AllowedOrigins): boolean {
  const { origin, host } = headers;
  if (allowed === null || origin === undefined) return true;
  return allowed.includes(origin) || (host !== undefined && hostOf(origin) === host);
}

/**
 * Whether the cookies of a request speak for the person: only when a page of an origin that is listed, or of our own, sent it. Without an
 * `Origin` the browser must say itself that it was one of our own (a page's plain GET has none).
 */
export function mayUseCookies({ origin, host, 'sec-fetch-site': site }: IncomingHttpHeaders, pages: TrustedPages): boolean {
  if (origin === undefined) return site === 'same-origin';
  const isOurs = origin === new URL(pages.publicUrl).origin || (host !== undefined && hostOf(origin) === host);
  return isOurs || pages.allowedOrigins?.includes(origin) === true;
}

/** The CORS headers of an answer to this origin; none when it is not allowed. With credentials only for who is listed by name. */
export function corsHeaders(origin: string | undefined, allowed: AllowedOrigins): Readonly<Record<string, string>> {
  if (allowed === null) return TO_ANYBODY;
  return origin !== undefined && allowed.includes(origin)
    ? { 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true', vary: 'Origin', ...EXPOSED }
    : { vary: 'Origin' };
}

const EXPOSED = { 'access-control-expose-headers': 'x-request-id, retry-after, ratelimit, ratelimit-policy' };
const TO_ANYBODY = { 'access-control-allow-origin': '*', ...EXPOSED };

/** What a preflight is told besides. */
export const PREFLIGHT_HEADERS = {
  'access-control-allow-methods': 'GET, POST, PUT, DELETE, OPTIONS',
  'access-control-allow-headers':
    'authorization, content-type, accept, apollo-require-preflight, x-apollo-operation-name, x-graphql-event-stream-token, x-request-id',
  'access-control-max-age': '86400',
};

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}
