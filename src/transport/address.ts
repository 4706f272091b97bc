import type { IncomingMessage } from 'node:http';

/**
 * The caller's network address. Behind a proxy it is what the nearest one appended to `X-Forwarded-For`: whatever stands before that, the
 * caller may have written.
 */
export function addressOf(request: IncomingMessage, trustProxy: boolean): string {
  const forwarded = trustProxy ? request.headers['x-forwarded-for'] : undefined;
  const nearest = (Array.isArray(forwarded) ? forwarded.at(-1) : forwarded)?.split(',').at(-1)?.trim();
  return nearest !== undefined && nearest !== '' && nearest.length <= 64 ? nearest : (request.socket.remoteAddress ?? 'unknown');
}
