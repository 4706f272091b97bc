import { Arg, Ctx, ID, Int, Mutation, Query, Resolver, Root, Subscription } from 'type-graphql';
import { keysetOf, pageCost, pageRequest, toConnection } from '../../graphql/connection';
import type { Context } from '../../graphql/context';
import { StreamCursor } from '../../graphql/scalars';
import { source } from '../../graphql/subscription';
import type { Position, StreamItem } from '../../realtime/event';
import { AnswerCallInput, StartCallInput } from './call.input';
import { callIds } from './call.service';
import type { CallService } from './call.service';
import { CallConnection, CallEvent, CallPayload, toCall, toCallEvent, toCallPayload } from './call.type';

const SESSION = 'The session.';
const CALL = 'The call.';
const PEER = 'The device that asks, by the name that it has drawn.';
const AFTER = 'The last cursor received.';
const LIST = 'calls';

@Resolver()
export class CallResolver {
  constructor(private readonly service: CallService) {}

  @Query(() => CallConnection, {
    name: LIST,
    complexity: pageCost,
    description: "The caller's own calls in a session, made or got, newest first.",
  })
  async calls(
    @Arg('sessionId', () => ID, { description: SESSION }) sessionId: string,
    @Arg('first', () => Int, { nullable: true, description: 'How many, 1 to 100; 25 when left out.' }) first: number | null | undefined,
    @Arg('after', () => String, { nullable: true, description: 'The cursor to go on after.' }) after: string | null | undefined,
    @Ctx() { viewer }: Context,
  ): Promise<CallConnection> {
    const request = pageRequest({ first, after }, LIST, 2);
    const rows = await this.service.list(viewer, sessionId, { olderThan: keysetOf(request, callIds), limit: request.size + 1 });
    const connection = toConnection(request, LIST, rows, ({ createdAt, id }) => [createdAt.getTime(), id], toCall);
    return Object.assign(new CallConnection(), connection);
  }

  @Mutation(() => CallPayload, {
    description:
      'Rings every device of another attendee. ENDED as BUSY when they are in a call; ACTIVE at once when they ring the caller at this moment: then it is their call. FAILED_PRECONDITION ALREADY_IN_CALL when the caller is in another. A retry from the same device is the same call.',
  })
  async startCall(
    @Arg('input', () => StartCallInput, { description: 'Whom to ring.' }) input: StartCallInput,
    @Ctx() { viewer }: Context,
  ): Promise<CallPayload> {
    return toCallPayload(await this.service.start(viewer, input));
  }

  @Mutation(() => CallPayload, {
    description: "Takes a call that rings, on this device. CONFLICT ANSWERED_ELSEWHERE when another of the callee's own was first.",
  })
  async answerCall(
    @Arg('input', () => AnswerCallInput, { description: 'Which call, and where.' }) { callId, peerId }: AnswerCallInput,
    @Ctx() { viewer }: Context,
  ): Promise<CallPayload> {
    return toCallPayload(await this.service.answer(viewer, callId, peerId));
  }

  @Mutation(() => CallPayload, { description: 'The callee does not want a call that rings: REJECTED.' })
  async rejectCall(@Arg('callId', () => ID, { description: CALL }) callId: string, @Ctx() { viewer }: Context): Promise<CallPayload> {
    return toCallPayload(await this.service.command(viewer, callId, 'reject'));
  }

  @Mutation(() => CallPayload, { description: 'The caller gives up a call that rings: CANCELLED.' })
  async cancelCall(@Arg('callId', () => ID, { description: CALL }) callId: string, @Ctx() { viewer }: Context): Promise<CallPayload> {
    return toCallPayload(await this.service.command(viewer, callId, 'cancel'));
  }

  @Mutation(() => CallPayload, { description: 'Lets the other wait. Both may.' })
  async holdCall(@Arg('callId', () => ID, { description: CALL }) callId: string, @Ctx() { viewer }: Context): Promise<CallPayload> {
    return toCallPayload(await this.service.command(viewer, callId, 'hold'));
  }

  @Mutation(() => CallPayload, { description: 'Lets the other wait no more. ACTIVE again once neither waits.' })
  async resumeCall(@Arg('callId', () => ID, { description: CALL }) callId: string, @Ctx() { viewer }: Context): Promise<CallPayload> {
    return toCallPayload(await this.service.command(viewer, callId, 'resume'));
  }

  @Mutation(() => CallPayload, { description: 'Either ends a call that was answered: HUNG_UP.' })
  async hangUpCall(@Arg('callId', () => ID, { description: CALL }) callId: string, @Ctx() { viewer }: Context): Promise<CallPayload> {
    return toCallPayload(await this.service.command(viewer, callId, 'hangUp'));
  }

  @Query(() => [CallEvent], {
    name: 'callEvents',
    complexity: pageCost,
    description: "The same events by polling, oldest first; the last one's cursor is where to go on.",
  })
  async listCallEvents(
    @Ctx() { viewer }: Context,
    @Arg('sessionId', () => ID, { description: SESSION }) sessionId: string,
    @Arg('peerId', { description: PEER }) peerId: string,
    @Arg('after', () => StreamCursor, { nullable: true, description: AFTER }) after?: Position | null,
    @Arg('first', () => Int, { nullable: true, description: 'How many at most, 1 to 100; 25 when left out.' }) first?: number | null,
  ): Promise<(typeof CallEvent)[]> {
    const { size } = pageRequest({ first }, 'callEvents', 0);
    const items = await this.service.listEvents(viewer, sessionId, after ?? null, size);
    return items.map((item) => toCallEvent(item, peerId));
  }

  @Subscription(() => CallEvent, {
    description:
      "What becomes of the caller's own calls in a session: every device of theirs hears it ring. Read `calls` after the opening. Ends with the caller's presence.",
    subscribe: source(
      () => CallResolver,
      (resolver, { sessionId, after }: CallEventsArgs, { viewer, signal }) =>
        resolver.service.follow(viewer, sessionId, after ?? null, signal),
    ),
  })
  callEvents(
    @Root() item: StreamItem,
    @Arg('sessionId', () => ID, { description: SESSION }) _sessionId: string,
    @Arg('peerId', { description: PEER }) peerId: string,
    @Arg('after', () => StreamCursor, { nullable: true, description: AFTER }) _after?: Position | null,
  ): typeof CallEvent {
    return toCallEvent(item, peerId);
  }
}

interface CallEventsArgs {
  readonly sessionId: string;
  readonly after?: Position | null;
}
