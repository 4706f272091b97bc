import { Arg, Ctx, FieldResolver, ID, Mutation, Resolver, Root, Subscription } from 'type-graphql';
import type { Context } from '../../graphql/context';
import { loaderOfTurns } from '../../graphql/loaders';
import { source } from '../../graphql/subscription';
import { AnswerQuestionInput, AskQuestionInput, EditQuestionInput, QuestionInput, VoteQuestionInput } from './question.input';
import type { QuestionService } from './question.service';
import {
  Question,
  QuestionPayload,
  QuestionTally,
  toBallot,
  toQuestionPayload,
  toQuestionTally,
  toVoteValue,
  VoteValue,
} from './question.type';
import type { Tally } from './tally-board';
import type { TallyService } from './tally.service';
import type { Ballot } from './vote.repository';
import type { OwnVoteAsked, VoteService } from './vote.service';

@Resolver(() => Question)
export class QuestionResolver {
  private readonly ownVotes = loaderOfTurns<OwnVoteAsked, Ballot>((asked) => this.votes.listOwn(asked));

  constructor(
    private readonly questions: QuestionService,
    private readonly votes: VoteService,
    private readonly tallies: TallyService,
  ) {}

  @FieldResolver(() => VoteValue, { description: "The caller's own vote." })
  async viewerVote(@Root() question: Question, @Ctx() { viewer }: Context): Promise<VoteValue> {
    return toVoteValue(await this.ownVotes.load({ viewer, question }));
  }

  @Mutation(() => QuestionPayload, {
    description:
      'Asks a question, while the session is live. FAILED_PRECONDITION SESSION_NOT_LIVE otherwise, ANONYMITY_NOT_ALLOWED where they are asked by name.',
  })
  async askQuestion(
    @Arg('input', () => AskQuestionInput, { description: 'The question.' }) input: AskQuestionInput,
    @Ctx() { viewer }: Context,
  ): Promise<QuestionPayload> {
    return toQuestionPayload(await this.questions.ask(viewer, input));
  }

  @Mutation(() => QuestionPayload, {
    description: 'Votes, changes a vote or takes it back: one vote per person. Repeating it changes nothing.',
  })
  async voteQuestion(
    @Arg('input', () => VoteQuestionInput, { description: 'The question and the vote.' }) { questionId, value }: VoteQuestionInput,
    @Ctx() { viewer }: Context,
  ): Promise<QuestionPayload> {
    return toQuestionPayload(await this.votes.vote(viewer, questionId, toBallot(value)));
  }

  @Mutation(() => QuestionPayload, {
    description: "Takes a question out of sight. For hosts, presenters, moderators and admins of the session's organization.",
  })
  async hideQuestion(
    @Arg('input', () => QuestionInput, { description: 'Which one.' }) { questionId }: QuestionInput,
    @Ctx() context: Context,
  ): Promise<QuestionPayload> {
    return toQuestionPayload(await this.questions.hide(context, questionId));
  }

  @Mutation(() => QuestionPayload, {
    description:
      "Answers a question, in writing or as answered live. For hosts, presenters, moderators and admins of the session's organization.",
  })
  async answerQuestion(
    @Arg('input', () => AnswerQuestionInput, { description: 'Which one, and the answer.' }) { questionId, answer }: AnswerQuestionInput,
    @Ctx() context: Context,
  ): Promise<QuestionPayload> {
    return toQuestionPayload(await this.questions.answer(context, questionId, answer ?? null));
  }

  @Mutation(() => QuestionPayload, {
    description: "Puts a question before all others. For hosts, presenters, moderators and admins of the session's organization.",
  })
  async pinQuestion(
    @Arg('input', () => QuestionInput, { description: 'Which one.' }) { questionId }: QuestionInput,
    @Ctx() context: Context,
  ): Promise<QuestionPayload> {
    return toQuestionPayload(await this.questions.pin(context, questionId));
  }

  @Mutation(() => QuestionPayload, {
    description: "Puts a pinned question back into its place. For hosts, presenters, moderators and admins of the session's organization.",
  })
  async unpinQuestion(
    @Arg('input', () => QuestionInput, { description: 'Which one.' }) { questionId }: QuestionInput,
    @Ctx() context: Context,
  ): Promise<QuestionPayload> {
    return toQuestionPayload(await this.questions.unpin(context, questionId));
  }

  @Mutation(() => QuestionPayload, { description: "Changes the text of one's own question, until it is answered." })
  async editQuestion(
    @Arg('input', () => EditQuestionInput, { description: 'Which one, and its new text.' }) { questionId, body }: EditQuestionInput,
    @Ctx() context: Context,
  ): Promise<QuestionPayload> {
    return toQuestionPayload(await this.questions.edit(context, questionId, body));
  }

  @Mutation(() => QuestionPayload, { description: "Takes one's own question back, until it is answered." })
  async withdrawQuestion(
    @Arg('input', () => QuestionInput, { description: 'Which one.' }) { questionId }: QuestionInput,
    @Ctx() context: Context,
  ): Promise<QuestionPayload> {
    return toQuestionPayload(await this.questions.withdraw(context, questionId));
  }

  @Subscription(() => QuestionTally, {
    description:
      "The tallies of the session's questions: first those voted on in the last two minutes, then each as it changes, at most ten times " +
      'a second per question; the last one always comes. Ends when the caller is no longer present.',
    subscribe: source(
      () => QuestionResolver,
      (resolver, { sessionId }: { sessionId: string }, context) => resolver.tallies.follow(context, sessionId, context.signal),
    ),
  })
  questionTallies(@Root() tally: Tally, @Arg('sessionId', () => ID, { description: 'The session.' }) _sessionId: string): QuestionTally {
    return toQuestionTally(tally);
  }
}
