import { Arg, Ctx, FieldResolver, ID, Int, Resolver, Root, Subscription } from 'type-graphql';
import { listCost } from '../../graphql/connection';
import type { Context } from '../../graphql/context';
import { source } from '../../graphql/subscription';
import { readerOf, readingAs, Session } from '../sessions';
import type { OnlineState, PresenceService } from './presence.service';
import { MAX_ONLINE } from './presence.service';
import { OnlineAttendee, Presence, PresenceCount, toOnlineAttendee, toPresence, toPresenceCount } from './presence.type';

const SESSION = 'The session.';

@Resolver()
export class PresenceResolver {
  constructor(private readonly presences: PresenceService) {}

  @Subscription(() => Presence, {
    description:
      'Who is connected: first all, then all again after changes, at most once a second; the last state always comes. Large rooms follow ' +
      'presenceCount. Ends when the caller leaves or is removed.',
    subscribe: source(
      () => PresenceResolver,
      (resolver, { sessionId }: { sessionId: string }, context) => resolver.presences.follow(context, sessionId, context.signal),
    ),
  })
  presence(@Root() state: OnlineState, @Arg('sessionId', () => ID, { description: SESSION }) _sessionId: string): Presence {
    return toPresence(state);
  }

  @Subscription(() => PresenceCount, {
    description: 'How many are connected: first and after changes, at most once a second; the last number always comes.',
    subscribe: source(
      () => PresenceResolver,
      (resolver, { sessionId }: { sessionId: string }, context) => resolver.presences.followCount(context, sessionId, context.signal),
    ),
  })
  presenceCount(@Root() count: number, @Arg('sessionId', () => ID, { description: SESSION }) _sessionId: string): PresenceCount {
    return toPresenceCount(count);
  }
}

@Resolver(() => Session)
export class SessionPresenceResolver {
  constructor(private readonly presences: PresenceService) {}

  @FieldResolver(() => Int, { description: 'How many are connected to it now.' })
  async onlineCount(@Root() session: Session, @Ctx() context: Context): Promise<number> {
    return this.presences.count(readingAs(readerOf(session, context), context), session.record);
  }

  @FieldResolver(() => [OnlineAttendee], {
    complexity: listCost(MAX_ONLINE),
    description: 'Who is connected to it now, of those whom the caller sees: the longest first, at most 500.',
  })
  async online(@Root() session: Session, @Ctx() context: Context): Promise<OnlineAttendee[]> {
    const online = await this.presences.list(readingAs(readerOf(session, context), context), session.record);
    return online.map(toOnlineAttendee);
  }
}
