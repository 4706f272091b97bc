import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { pageCost, pageRequest } from '../../graphql/connection';
import type { Context } from '../../graphql/context';
import { readerOf, readingAs, Session } from '../sessions';
import type { ModerationDesk } from './moderation-desk';
import { questionPage } from './question-page';
import type { QuestionService } from './question.service';
import { QuestionConnection } from './question.type';
import {
  ModerationAction,
  QuestionCounts,
  ReportedQuestion,
  SessionModeration,
  toModerationAction,
  toQuestionCounts,
  toReportedQuestion,
} from './session-moderation.type';

const FIRST = 'How many, 1 to 100; 25 when left out.';

@Resolver(() => Session)
export class SessionDeskResolver {
  constructor(private readonly desk: ModerationDesk) {}

  @FieldResolver(() => SessionModeration, {
    nullable: true,
    description: 'What hosts, presenters and moderators see at a glance while they are in the session; null for everybody else.',
  })
  async moderation(@Root() session: Session, @Ctx() context: Context): Promise<SessionModeration | null> {
    const reader = readingAs(readerOf(session, context), context);
    const isOpen = await this.desk.isOpenTo(reader, session.id);
    return isOpen ? Object.assign(new SessionModeration(), { sessionId: session.id, reader }) : null;
  }
}

@Resolver(() => SessionModeration)
export class SessionModerationResolver {
  constructor(
    private readonly desk: ModerationDesk,
    private readonly questions: QuestionService,
  ) {}

  @FieldResolver(() => QuestionCounts, { description: 'How many questions are where.' })
  async counts(@Root() { sessionId }: SessionModeration): Promise<QuestionCounts> {
    return toQuestionCounts(await this.desk.count(sessionId));
  }

  @FieldResolver(() => QuestionConnection, { complexity: pageCost, description: 'What waits for approval, longest first.' })
  async pending(
    @Root() { sessionId, reader }: SessionModeration,
    @Arg('first', () => Int, { nullable: true, description: FIRST }) first: number | null | undefined,
    @Arg('after', () => String, { nullable: true, description: 'The cursor to go on after.' }) after: string | null | undefined,
  ): Promise<QuestionConnection> {
    return questionPage(this.questions, { sessionId, reader, order: 'QUEUE' }, { first, after });
  }

  @FieldResolver(() => [ReportedQuestion], { complexity: pageCost, description: 'What attendees have reported, most often first.' })
  async reported(
    @Root() { sessionId }: SessionModeration,
    @Arg('first', () => Int, { nullable: true, description: FIRST }) first: number | null | undefined,
  ): Promise<ReportedQuestion[]> {
    const { size } = pageRequest({ first }, 'reported', 0);
    return (await this.desk.listReported(sessionId, size)).map(toReportedQuestion);
  }

  @FieldResolver(() => [ModerationAction], {
    complexity: pageCost,
    description: 'What was done in the session and is audited, newest first.',
  })
  async recentActions(
    @Root() { sessionId }: SessionModeration,
    @Arg('first', () => Int, { nullable: true, description: FIRST }) first: number | null | undefined,
  ): Promise<ModerationAction[]> {
    const { size } = pageRequest({ first }, 'recentActions', 0);
    return (await this.desk.listActs(sessionId, size)).map(toModerationAction);
  }
}
