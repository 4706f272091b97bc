const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** The page's own origin, or on a developer's machine the one that `?server=` names. Never another host: a link must not choose who gets a password. */
function serverOrigin(): string {
  const named = new URLSearchParams(location.search).get('server');
  if (named === null) return location.origin;
  const url = new URL(named);
  if (!LOOPBACK.has(url.hostname)) throw new Error('?server= may name this machine only.');
  return url.origin;
}

export const httpUrl = new URL('/graphql', serverOrigin()).href;
export const wsUrl = httpUrl.replace(/^http/, 'ws');
