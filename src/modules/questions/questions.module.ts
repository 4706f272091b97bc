import type { NodeLoaders } from '../../graphql/node';
import type { RoomParts } from '../../graphql/room';
import type { Kernel } from '../../realtime/kernel';
import type { Attendance } from '../attendees';
import type { AuditTrail } from '../audit';
import type { SessionActivity, SessionOversight, SessionService } from '../sessions';
import { votesStream } from './question.events';
import { QuestionRepository } from './question.repository';
import { QuestionResolver } from './question.resolver';
import { questionIds, QuestionService } from './question.service';
import { toQuestion } from './question.type';
import { QuestionConnectionResolver, SessionQuestionsResolver } from './session-questions.resolver';
import { TallyService } from './tally.service';
import { VoteRepository } from './vote.repository';
import { VoteService } from './vote.service';

export const questionsResolvers = [QuestionResolver, SessionQuestionsResolver, QuestionConnectionResolver] as const;

export interface QuestionsDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork' | 'fanOut'>;
  readonly audit: AuditTrail;
  readonly sessions: SessionService;
  readonly oversight: SessionOversight;
  readonly attendance: Attendance;
}

export interface QuestionsRoom extends RoomParts {
  readonly questions: QuestionService;
  readonly votes: VoteService;
  readonly tallies: TallyService;
  /** For `createSessionsRoom`. */
  readonly activity: SessionActivity;
}

export function createQuestionsRoom({ kernel, audit, sessions, oversight, attendance }: QuestionsDeps): QuestionsRoom {
  const repository = new QuestionRepository();
  const questions = new QuestionService({ kernel, audit, sessions, oversight, attendance, questions: repository });
  const votes = new VoteService({ kernel, sessions, attendance, questions: repository, votes: new VoteRepository() });
  const tallies = new TallyService(kernel, attendance, repository);
  const nodes: NodeLoaders = {
    [questionIds.prefix]: async (id, context) => {
      const question = await questions.findFor(context, id);
      return question && toQuestion(question);
    },
  };
  const resolvers = [
    new QuestionResolver(questions, votes, tallies),
    new SessionQuestionsResolver(questions),
    new QuestionConnectionResolver(questions),
  ];
  const activity: SessionActivity = { streamsOf: (_tx, sessionId) => Promise.resolve([votesStream(sessionId)]) };
  return { questions, votes, tallies, activity, resolvers, nodes };
}
