import type { IncomingHttpHeaders } from 'node:http';

/** Which web pages may talk to this server; null is any. Always without credentials: nothing here is decided by cookies. */
export type AllowedOrigins = readonly string[] | null;

/**
 * Whether a browser's page may open a socket. Its own origin always may. Without an `Origin` it is no browser, and has no user's
 * credentials to abuse.
 */
export function mayConnect(headers: IncomingHttpHeaders, allowed: AllowedOrigins): boolean {
  const { origin, host } = headers;
  if (allowed === null || origin === undefined) return true;
  return allowed.includes(origin) || (host !== undefined && hostOf(origin) === host);
}

/** The CORS headers of an answer to this origin; none when it is not allowed. */
export function corsHeaders(origin: string | undefined, allowed: AllowedOrigins): Readonly<Record<string, string>> {
  if (allowed === null) return TO_ANYBODY;
  return origin !== undefined && allowed.includes(origin)
    ? { 'access-control-allow-origin': origin, vary: 'Origin', ...EXPOSED }
    : { vary: 'Origin' };
}

const EXPOSED = { 'access-control-expose-headers': 'x-request-id, retry-after' };
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
