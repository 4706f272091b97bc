import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { keysetOf, pageCost, pageRequest, toConnection } from '../../graphql/connection';
import type { Context } from '../../graphql/context';
import { readerOf, readingAs, Session } from '../sessions';
import type { PollService } from './poll.service';
import { pollIds } from './poll.service';
import { PollConnection, toPoll } from './poll.type';

const LIST = 'polls';

/** What this room adds to `Session`. */
@Resolver(() => Session)
export class SessionPollsResolver {
  constructor(private readonly service: PollService) {}

  @FieldResolver(() => PollConnection, {
    complexity: pageCost,
    description: "The polls, newest first; drafts for those who keep order. For those present and admins of the session's organization.",
  })
  async polls(
    @Root() session: Session,
    @Arg('first', () => Int, { nullable: true, description: 'How many, 1 to 100; 25 when left out.' }) first: number | null | undefined,
    @Arg('after', () => String, { nullable: true, description: 'The cursor to go on after.' }) after: string | null | undefined,
    @Ctx() context: Context,
  ): Promise<PollConnection> {
    const reader = readingAs(readerOf(session, context), context);
    const request = pageRequest({ first, after }, LIST, 2);
    const page = { sessionId: session.id, beyond: keysetOf(request, pollIds), limit: request.size + 1 };
    const rows = await this.service.list(reader, page);
    return Object.assign(
      new PollConnection(),
      toConnection(request, LIST, rows, ({ createdAt, id }) => [createdAt.getTime(), id], toPoll),
    );
  }
}
