import { sign } from 'jsonwebtoken';
import type { LivekitConfig } from '../../config/config';
import type { AttendeeRecord, AttendeeRole } from '../attendees';
import type { SessionRecord } from '../sessions';

/** Only as long as it takes to come in: LiveKit renews by itself what is connected, and who was removed does not come in again. */
export const MEDIA_TOKEN_SECONDS = 600;

type Source = 'camera' | 'microphone' | 'screen_share' | 'screen_share_audio';
type Medium = SessionRecord['medium'];

/** LiveKit's video grant, as far as it is given. */
export interface MediaGrant {
  readonly room: string;
  readonly roomJoin: true;
  readonly canSubscribe: true;
  readonly canPublish: boolean;
  /** LiveKit takes an empty list for all of them: it goes with `canPublish: false` alone. */
  readonly canPublishSources: readonly Source[];
  readonly canPublishData: boolean;
}

export interface MediaTokenRecord {
  readonly url: string;
  readonly room: string;
  readonly token: string;
  readonly expiresAt: Date;
}

const STAGE: Readonly<Record<Medium, readonly Source[]>> = {
  CHAT: [],
  AUDIO: ['microphone'],
  VIDEO: ['camera', 'microphone', 'screen_share', 'screen_share_audio'],
};
/** They speak and are seen; the screen is the presenters'. */
const FLOOR: Readonly<Record<Medium, readonly Source[]>> = { CHAT: [], AUDIO: ['microphone'], VIDEO: ['camera', 'microphone'] };
const AUDIENCE: Readonly<Record<Medium, readonly Source[]>> = { CHAT: [], AUDIO: [], VIDEO: [] };

const SOURCES: Readonly<Record<AttendeeRole, typeof STAGE>> = {
  HOST: STAGE,
  PRESENTER: STAGE,
  CLIENT: STAGE,
  ADVISOR: STAGE,
  MODERATOR: FLOOR,
  ATTENDEE: AUDIENCE,
};

export function grantOf({ role }: Pick<AttendeeRecord, 'role'>, { id, medium }: Pick<SessionRecord, 'id' | 'medium'>): MediaGrant {
  const canPublishSources = SOURCES[role][medium];
  const canPublish = canPublishSources.length > 0;
  return { room: id, roomJoin: true, canSubscribe: true, canPublish, canPublishSources, canPublishData: canPublish };
}

/** A LiveKit access token: HS256, the key's name as `iss`, the attendee as `sub`. The role of this moment, for as long as it lasts. */
export function mintMediaToken(
  { url, apiKey, apiSecret }: LivekitConfig,
  attendee: Pick<AttendeeRecord, 'id' | 'displayName' | 'role'>,
  session: Pick<SessionRecord, 'id' | 'medium'>,
  now: Date,
): MediaTokenRecord {
  const nbf = Math.floor(now.getTime() / 1_000);
  const exp = nbf + MEDIA_TOKEN_SECONDS;
  const claims = { iss: apiKey, sub: attendee.id, name: attendee.displayName, nbf, exp, video: grantOf(attendee, session) };
  return {
    url,
    room: session.id,
    token: sign(claims, apiSecret, { algorithm: 'HS256', noTimestamp: true }),
    expiresAt: new Date(exp * 1_000),
  };
}
