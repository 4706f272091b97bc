import { Arg, Ctx, ID, Int, Mutation, Query, Resolver, Root, Subscription } from 'type-graphql';
import { listCost, pageCost, pageRequest } from '../../graphql/connection';
import type { Context } from '../../graphql/context';
import { StreamCursor } from '../../graphql/scalars';
import { source } from '../../graphql/subscription';
import type { Position, StreamItem } from '../../realtime/event';
import { SendSignalInput } from './signal.input';
import { IceServer, SendSignalPayload, SignalEvent, toIceServer, toSignalEvent } from './signal.type';
import type { SignalingService } from './signaling.service';

const SESSION = 'The session.';
const AFTER = 'The last cursor received.';

@Resolver()
export class SignalingResolver {
  constructor(private readonly signaling: SignalingService) {}

  @Query(() => [IceServer], {
    description: 'STUN and TURN servers for the caller, with credentials for an hour. For those present.',
    complexity: listCost(2),
  })
  async iceServers(
    @Arg('sessionId', () => ID, { description: SESSION }) sessionId: string,
    @Ctx() { viewer }: Context,
  ): Promise<IceServer[]> {
    const servers = await this.signaling.listIceServers(viewer, sessionId);
    return servers.map(toIceServer);
  }

  @Mutation(() => SendSignalPayload, {
    description:
      'Sends a signal to a peer of the same live session. BAD_USER_INPUT INVALID_SDP, INVALID_CANDIDATE or INVALID_PAYLOAD when WebRTC could ' +
      'not read it: then nobody gets it.',
  })
  async sendSignal(
    @Arg('input', () => SendSignalInput, { description: 'The signal.' }) input: SendSignalInput,
    @Ctx() { viewer }: Context,
  ): Promise<SendSignalPayload> {
    return Object.assign(new SendSignalPayload(), { delivered: await this.signaling.send(viewer, input) });
  }

  @Query(() => [SignalEvent], {
    name: 'signals',
    complexity: pageCost,
    description: "The caller's inbox by polling, oldest first; the last one's cursor is where to go on.",
  })
  async listSignals(
    @Ctx() { viewer }: Context,
    @Arg('sessionId', () => ID, { description: SESSION }) sessionId: string,
    @Arg('after', () => StreamCursor, { nullable: true, description: AFTER }) after?: Position | null,
    @Arg('first', () => Int, { nullable: true, description: 'How many at most, 1 to 100; 25 when left out.' }) first?: number | null,
  ): Promise<(typeof SignalEvent)[]> {
    const { size } = pageRequest({ first }, 'signals', 0);
    const items = await this.signaling.list(viewer, sessionId, after ?? null, size);
    return items.map(toSignalEvent);
  }

  @Subscription(() => SignalEvent, {
    description:
      "The caller's own inbox of signals in this session. What came in the last minute is there after a cursor. Ends with the caller's presence.",
    subscribe: source(
      () => SignalingResolver,
      (resolver, { sessionId, after }: SignalsArgs, { viewer, signal }) =>
        resolver.signaling.follow(viewer, sessionId, after ?? null, signal),
    ),
  })
  signals(
    @Root() item: StreamItem,
    @Arg('sessionId', () => ID, { description: SESSION }) _sessionId: string,
    @Arg('after', () => StreamCursor, { nullable: true, description: AFTER }) _after?: Position | null,
  ): typeof SignalEvent {
    return toSignalEvent(item);
  }
}

interface SignalsArgs {
  readonly sessionId: string;
  readonly after?: Position | null;
}
