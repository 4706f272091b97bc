import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { badInput } from '../../errors/domain-error';
import { pageCost, pageRequest, toConnection } from '../../graphql/connection';
import type { Context } from '../../graphql/context';
import { readerOf, readingAs, Session } from '../sessions';
import { parsePlace, QuestionOrder, WALKS } from './question-order';
import type { QuestionService } from './question.service';
import { QuestionConnection, toQuestion } from './question.type';

/** What this room adds to `Session`. */
@Resolver(() => Session)
export class SessionQuestionsResolver {
  constructor(private readonly service: QuestionService) {}

  @FieldResolver(() => QuestionConnection, {
    complexity: pageCost,
    description:
      "The questions the caller may see: open and answered ones, and the caller's own; who moderates sees all. For those present and admins of the session's organization.",
  })
  async questions(
    @Root() session: Session,
    @Arg('first', () => Int, { nullable: true, description: 'How many, 1 to 100; 25 when left out.' }) first: number | null | undefined,
    @Arg('after', () => String, { nullable: true, description: 'The cursor to go on after, of the same order.' })
    after: string | null | undefined,
    @Arg('orderBy', () => QuestionOrder, { nullable: true, defaultValue: QuestionOrder.PRIORITY, description: 'Which first.' })
    orderBy: QuestionOrder | null,
    @Ctx() context: Context,
  ): Promise<QuestionConnection> {
    const reader = readingAs(readerOf(session, context), context);
    const order = orderBy ?? QuestionOrder.PRIORITY;
    const { parts, placeOf } = WALKS[order];
    const list = `questions.${order}`;
    const request = pageRequest({ first, after }, list, parts.length);
    const beyond = request.beyond && parsePlace(order, request.beyond);
    if (request.beyond !== null && beyond === null) throw badInput('after', 'is not a cursor of this list');
    const rows = await this.service.list(reader, session.id, { order, beyond, limit: request.size + 1 });
    const connection = toConnection(request, list, rows, placeOf, toQuestion);
    return Object.assign(new QuestionConnection(), connection, { source: { sessionId: session.id, reader, order } });
  }
}

@Resolver(() => QuestionConnection)
export class QuestionConnectionResolver {
  constructor(private readonly service: QuestionService) {}

  @FieldResolver(() => Int, { description: 'How many the whole list has for the caller.' })
  async totalCount(@Root() { source }: QuestionConnection): Promise<number> {
    return this.service.count(source.reader, source.sessionId, source.order);
  }
}
