/** `scope:entity:id`, e.g. `support:customer:4711`. */
export const CHANNEL_NAME = /^[a-z0-9][a-z0-9._-]{0,62}(?::[a-z0-9][a-z0-9._-]{0,62}){2}$/;

export function sessionChannelName(sessionId: string): string {
  return `session:${sessionId}:chat`;
}
