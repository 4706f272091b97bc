import { createHmac } from 'node:crypto';
import type { IceConfig } from '../../config/config';

export const CREDENTIAL_SECONDS = 3_600;

export interface IceServerRecord {
  readonly urls: string[];
  readonly username: string | null;
  readonly credential: string | null;
  readonly expiresAt: Date | null;
}

/**
 * STUN as it is; TURN with credentials that coturn checks without asking us (`use-auth-secret`, the "REST API for access to TURN
 * services"): the user name carries its own end as Unix seconds, the password is base64(HMAC-SHA1(secret, user name)). SHA-1 is the
 * convention's, not our choice. The attendee's id in the name lets the TURN server keep a quota per person.
 */
export function iceServersFor(config: IceConfig, attendeeId: string, now: Date): IceServerRecord[] {
  const servers: IceServerRecord[] = [];
  if (config.stunUrls.length > 0) servers.push({ urls: [...config.stunUrls], username: null, credential: null, expiresAt: null });
  if (config.turnUrls.length > 0 && config.turnSecret !== null) {
    const expires = Math.floor(now.getTime() / 1_000) + CREDENTIAL_SECONDS;
    const username = `${expires}:${attendeeId}`;
    const credential = createHmac('sha1', config.turnSecret).update(username).digest('base64');
    servers.push({ urls: [...config.turnUrls], username, credential, expiresAt: new Date(expires * 1_000) });
  }
  return servers;
}
