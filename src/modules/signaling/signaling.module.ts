import type { IceConfig } from '../../config/config';
import type { RoomParts } from '../../graphql/room';
import { systemClock } from '../../lib/clock';
import type { Clock } from '../../lib/clock';
import type { Kernel } from '../../realtime/kernel';
import type { Attendance } from '../attendees';
import type { SessionService } from '../sessions';
import { InboxPresence } from './inbox-presence';
import { SignalingResolver } from './signaling.resolver';
import { SignalingService } from './signaling.service';

export const signalingResolvers = [SignalingResolver] as const;

export interface SignalingDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork' | 'fanOut' | 'rateLimiter' | 'presence'>;
  readonly ice: IceConfig;
  readonly sessions: SessionService;
  readonly attendance: Attendance;
  readonly clock?: Clock;
}

export interface SignalingRoom extends RoomParts {
  readonly signaling: SignalingService;
}

export function createSignalingRoom({ kernel, ice, sessions, attendance, clock = systemClock }: SignalingDeps): SignalingRoom {
  const presence = new InboxPresence(kernel.presence);
  const signaling = new SignalingService({ kernel, ice, clock, sessions, attendance, presence });
  return { signaling, resolvers: [new SignalingResolver(signaling)] };
}
