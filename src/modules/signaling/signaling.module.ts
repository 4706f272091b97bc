import type { IceConfig, LivekitConfig } from '../../config/config';
import type { RoomParts } from '../../graphql/room';
import { systemClock } from '../../lib/clock';
import type { Clock } from '../../lib/clock';
import type { Kernel } from '../../realtime/kernel';
import type { Attendance } from '../attendees';
import type { SessionService } from '../sessions';
import { InboxPresence } from './inbox-presence';
import { MediaResolver } from './media.resolver';
import { MediaService } from './media.service';
import { SignalingResolver } from './signaling.resolver';
import { SignalingService } from './signaling.service';

export const signalingResolvers = [SignalingResolver, MediaResolver] as const;

export interface SignalingDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork' | 'fanOut' | 'rateLimiter' | 'presence'>;
  readonly ice: IceConfig;
  /** Null or left out: media goes from peer to peer alone. */
  readonly livekit?: LivekitConfig | null;
  readonly sessions: SessionService;
  readonly attendance: Attendance;
  readonly clock?: Clock;
}

export interface SignalingRoom extends RoomParts {
  readonly signaling: SignalingService;
  readonly media: MediaService;
}

export function createSignalingRoom({
  kernel,
  ice,
  livekit = null,
  sessions,
  attendance,
  clock = systemClock,
}: SignalingDeps): SignalingRoom {
  const presence = new InboxPresence(kernel.presence);
  const signaling = new SignalingService({ kernel, ice, clock, sessions, attendance, presence });
  const media = new MediaService({ kernel, livekit, clock, sessions, attendance });
  return { signaling, media, resolvers: [new SignalingResolver(signaling), new MediaResolver(media)] };
}
