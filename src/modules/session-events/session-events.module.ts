import type { RoomParts } from '../../graphql/room';
import type { Kernel } from '../../realtime/kernel';
import type { Attendance } from '../attendees';
import { SessionEventsResolver } from './session-events.resolver';
import { SessionEventsService } from './session-events.service';

export const sessionEventsResolvers = [SessionEventsResolver] as const;

export interface SessionEventsDeps {
  readonly kernel: Pick<Kernel, 'fanOut'>;
  readonly attendance: Attendance;
}

export interface SessionEventsRoom extends RoomParts {
  readonly sessionEvents: SessionEventsService;
}

export function createSessionEventsRoom({ kernel, attendance }: SessionEventsDeps): SessionEventsRoom {
  const sessionEvents = new SessionEventsService(kernel, attendance);
  return { sessionEvents, resolvers: [new SessionEventsResolver(sessionEvents)] };
}
