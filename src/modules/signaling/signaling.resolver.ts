import { Arg, Ctx, ID, Int, Mutation, Query, Resolver, Root, Subscription } from 'type-graphql';
import { listCost, pageCost, pageRequest } from '../../graphql/connection';
import type { Estimate } from '../../graphql/cost';
import type { Context } from '../../graphql/context';
import { StreamCursor } from '../../graphql/scalars';
import { source } from '../../graphql/subscription';
import type { Position, StreamItem } from '../../realtime/event';
import { SendSignalInput, SendSignalsInput } from './signal.input';
import { IceServer, SendSignalPayload, SendSignalsPayload, SignalEvent, toIceServer, toSignalEvent } from './signal.type';
import type { SignalingService } from './signaling.service';

const SESSION = 'The session.';
const PEER = 'This device, by the name that it has drawn: what is addressed to another is left out.';
const AFTER = 'The last cursor received.';

/** A point for every ten: each writes a row, and no more. */
const SIGNALS_COST: Estimate = ({ args, childComplexity }) =>
  1 + childComplexity + Math.ceil(((args as SignalsCosted).input?.signals?.length ?? 1) / 10);

interface SignalsCosted {
  readonly input?: { readonly signals?: readonly unknown[] };
}

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

  @Mutation(() => SendSignalsPayload, {
    complexity: SIGNALS_COST,
    description: 'Sends many signals at once, or none: the first that is refused refuses all. Each counts as one of sendSignal.',
  })
  async sendSignals(
    @Arg('input', () => SendSignalsInput, { description: 'The signals.' }) input: SendSignalsInput,
    @Ctx() { viewer }: Context,
  ): Promise<SendSignalsPayload> {
    return Object.assign(new SendSignalsPayload(), { waiting: await this.signaling.sendMany(viewer, input) });
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
    @Arg('peerId', () => String, { nullable: true, description: PEER }) peerId?: string | null,
  ): Promise<(typeof SignalEvent)[]> {
    const { size } = pageRequest({ first }, 'signals', 0);
    const items = await this.signaling.list(viewer, sessionId, after ?? null, size, peerId ?? null);
    return items.map(toSignalEvent);
  }

  @Subscription(() => SignalEvent, {
    description:
      "The caller's own inbox of signals in this session. What came in the last minute is there after a cursor. Ends with the caller's presence.",
    subscribe: source(
      () => SignalingResolver,
      (resolver, { sessionId, peerId, after }: SignalsArgs, { viewer, signal }) =>
        resolver.signaling.follow(viewer, sessionId, after ?? null, signal, peerId ?? null),
    ),
  })
  signals(
    @Root() item: StreamItem,
    @Arg('sessionId', () => ID, { description: SESSION }) _sessionId: string,
    @Arg('after', () => StreamCursor, { nullable: true, description: AFTER }) _after?: Position | null,
    @Arg('peerId', () => String, { nullable: true, description: PEER }) _peerId?: string | null,
  ): typeof SignalEvent {
    return toSignalEvent(item);
  }
}

interface SignalsArgs {
  readonly sessionId: string;
  readonly after?: Position | null;
  readonly peerId?: string | null;
}
