import { Arg, Ctx, ID, Int, Query, Resolver, Root, Subscription } from 'type-graphql';
import { pageCost, pageRequest } from '../../graphql/connection';
import type { Context } from '../../graphql/context';
import { StreamCursor } from '../../graphql/scalars';
import { SharedSubscription } from '../../graphql/shareable';
import { source } from '../../graphql/subscription';
import type { Position, StreamItem } from '../../realtime/event';
import { SessionEvent, toSessionEvent } from './session-event.type';
import type { SessionEventsService } from './session-events.service';

const SESSION = 'The session.';
const AFTER = 'The last cursor received.';

@Resolver()
export class SessionEventsResolver {
  constructor(private readonly service: SessionEventsService) {}

  @Query(() => [SessionEvent], {
    name: 'sessionEvents',
    complexity: pageCost,
    description: "The same events by polling, oldest first; the last one's cursor is where to go on.",
  })
  async listSessionEvents(
    @Ctx() context: Context,
    @Arg('sessionId', () => ID, { description: SESSION }) sessionId: string,
    @Arg('after', () => StreamCursor, { nullable: true, description: AFTER }) after?: Position | null,
    @Arg('first', () => Int, { nullable: true, description: 'How many at most, 1 to 100; 25 when left out.' }) first?: number | null,
  ): Promise<(typeof SessionEvent)[]> {
    const { size } = pageRequest({ first }, 'sessionEvents', 0);
    const seen = await this.service.list(context, sessionId, after ?? null, size);
    return seen.map(toSessionEvent);
  }

  @SharedSubscription()
  @Subscription(() => SessionEvent, {
    description:
      'What happens in the session: from now on, or after a cursor without a gap. Ends when the caller leaves or is removed, or looks after the session no more.',
    subscribe: source(
      () => SessionEventsResolver,
      (resolver, { sessionId, after }: SessionEventsArgs, context) =>
        resolver.service.follow(context, sessionId, after ?? null, context.signal),
    ),
  })
  async sessionEvents(
    @Root() item: StreamItem,
    @Ctx() { viewer }: Context,
    @Arg('sessionId', () => ID, { description: SESSION }) sessionId: string,
    @Arg('after', () => StreamCursor, { nullable: true, description: AFTER }) _after?: Position | null,
  ): Promise<typeof SessionEvent> {
    return toSessionEvent(await this.service.see(viewer, sessionId, item));
  }
}

interface SessionEventsArgs {
  readonly sessionId: string;
  readonly after?: Position | null;
}
