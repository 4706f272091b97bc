import type { RoomParts } from '../../graphql/room';
import type { Kernel } from '../../realtime/kernel';
import type { Attendance } from '../attendees';
import type { SessionService } from '../sessions';
import { CallRepository } from './call.repository';
import { CallResolver } from './call.resolver';
import { CallService } from './call.service';
import { RingingSweeper } from './ringing-sweeper';

export const callsResolvers = [CallResolver] as const;

export interface CallsDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork' | 'fanOut' | 'rateLimiter'>;
  readonly sessions: SessionService;
  readonly attendance: Attendance;
  /** Told when a sweep failed; left out, nobody sweeps. */
  readonly onError?: (error: unknown) => void;
}

export interface CallsRoom extends RoomParts {
  readonly calls: CallService;
  /** Ends the sweeping. Idempotent. */
  close(): Promise<void>;
}

export function createCallsRoom(deps: CallsDeps): CallsRoom {
  const calls = new CallService({ ...deps, calls: new CallRepository() });
  const sweeper = deps.onError && new RingingSweeper(calls, deps.onError);
  return { calls, resolvers: [new CallResolver(calls)], close: async () => sweeper?.close() };
}
