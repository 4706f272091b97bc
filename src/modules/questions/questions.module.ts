import type { NodeLoaders } from '../../graphql/node';
import type { RoomParts } from '../../graphql/room';
import type { Kernel } from '../../realtime/kernel';
import type { Attendance, EngagementSource } from '../attendees';
import type { AuditTrail } from '../audit';
import type { ContentScreen } from '../content-policy';
import type { SessionActivity, SessionOversight, SessionService } from '../sessions';
import type { UserService } from '../users';
import { BallotBox } from './ballot-box';
import { CurationService } from './curation.service';
import { ModerationDesk } from './moderation-desk';
import { QuestionCommands, questionIds } from './question-commands';
import { QuestionModerationResolver } from './question-moderation.resolver';
import { votesStream } from './question.events';
import { QuestionEngagement } from './question-engagement';
import { QuestionRepository } from './question.repository';
import { QuestionResolver } from './question.resolver';
import { QuestionService } from './question.service';
import { toQuestion } from './question.type';
import { ReportRepository } from './report.repository';
import { SessionDeskResolver, SessionModerationResolver } from './session-moderation.resolver';
import { QuestionConnectionResolver, SessionQuestionsResolver } from './session-questions.resolver';
import { TallyService } from './tally.service';
import { VoteRepository } from './vote.repository';
import { VoteService } from './vote.service';

export const questionsResolvers = [
  QuestionResolver,
  QuestionModerationResolver,
  SessionQuestionsResolver,
  QuestionConnectionResolver,
  SessionDeskResolver,
  SessionModerationResolver,
] as const;

export interface QuestionsDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork' | 'fanOut' | 'log'>;
  readonly audit: AuditTrail;
  readonly users: UserService;
  readonly sessions: SessionService;
  readonly oversight: SessionOversight;
  readonly attendance: Attendance;
  readonly screen: ContentScreen;
}

export interface QuestionsRoom extends RoomParts {
  readonly questions: QuestionService;
  readonly votes: VoteService;
  readonly curation: CurationService;
  readonly desk: ModerationDesk;
  readonly tallies: TallyService;
  /** For `createSessionsRoom`. */
  readonly activity: SessionActivity;
  /** For `createAttendeesRoom`. */
  readonly engagement: EngagementSource;
}

export function createQuestionsRoom({ kernel, audit, users, sessions, oversight, attendance, screen }: QuestionsDeps): QuestionsRoom {
  const repository = new QuestionRepository();
  const ballotRows = new VoteRepository();
  const ballots = new BallotBox(repository, ballotRows);
  const reports = new ReportRepository();
  const commands = new QuestionCommands({ audit, sessions, oversight, attendance, questions: repository, reports });
  const questions = new QuestionService({ kernel, sessions, attendance, screen, questions: repository, commands });
  const votes = new VoteService({ kernel, sessions, attendance, questions: repository, votes: ballotRows, ballots });
  const curation = new CurationService({ kernel, commands, ballots, questions: repository, votes: ballotRows });
  const desk = new ModerationDesk({ kernel, audit, users, attendance, commands, questions: repository, reports });
  const tallies = new TallyService(kernel, attendance, repository);
  const nodes: NodeLoaders = {
    [questionIds.prefix]: async (id, context) => {
      const question = await questions.findFor(context, id);
      return question && toQuestion(question);
    },
  };
  const resolvers = [
    new QuestionResolver(questions, votes, tallies),
    new QuestionModerationResolver(questions, curation, desk),
    new SessionDeskResolver(desk),
    new SessionModerationResolver(desk, questions),
    new SessionQuestionsResolver(questions),
    new QuestionConnectionResolver(questions),
  ];
  const activity: SessionActivity = { streamsOf: (_tx, sessionId) => Promise.resolve([votesStream(sessionId)]) };
  return { questions, votes, curation, desk, tallies, activity, engagement: new QuestionEngagement(), resolvers, nodes };
}
