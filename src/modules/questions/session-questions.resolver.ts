import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { pageCost } from '../../graphql/connection';
import type { Context } from '../../graphql/context';
import { readerOf, readingAs, Session } from '../sessions';
import { QuestionOrder } from './question-order';
import { questionPage } from './question-page';
import type { QuestionService } from './question.service';
import { QuestionConnection } from './question.type';

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
    return questionPage(this.service, { sessionId: session.id, reader, order }, { first, after });
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
