import type { RoomParts } from '../../graphql/room';
import type { Kernel } from '../../realtime/kernel';
import type { Pace } from '../../realtime/pace';
import type { Attendance } from '../attendees';
import type { SessionActivity, SessionService } from '../sessions';
import { reactionsStream } from './session-reaction.events';
import { SessionReactionRepository } from './session-reaction.repository';
import { SessionReactionResolver } from './session-reaction.resolver';
import { SessionReactionService } from './session-reaction.service';

export const sessionReactionsResolvers = [SessionReactionResolver] as const;

export interface SessionReactionsDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork' | 'fanOut' | 'rateLimiter'>;
  readonly sessions: SessionService;
  readonly attendance: Attendance;
  readonly pace?: Pace;
}

export interface SessionReactionsRoom extends RoomParts {
  readonly sessionReactions: SessionReactionService;
  /** For `createSessionsRoom`. */
  readonly activity: SessionActivity;
}

export function createSessionReactionsRoom(deps: SessionReactionsDeps): SessionReactionsRoom {
  const sessionReactions = new SessionReactionService({ ...deps, reactions: new SessionReactionRepository() });
  const activity: SessionActivity = { streamsOf: (_tx, sessionId) => Promise.resolve([reactionsStream(sessionId)]) };
  return { sessionReactions, activity, resolvers: [new SessionReactionResolver(sessionReactions)] };
}
