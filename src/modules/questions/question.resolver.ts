import { Arg, Ctx, FieldResolver, ID, Mutation, Resolver, Root, Subscription } from 'type-graphql';
import type { Context } from '../../graphql/context';
import { loaderOfTurns } from '../../graphql/loaders';
import { source } from '../../graphql/subscription';
import { AskQuestionInput, EditQuestionInput, QuestionInput, VoteQuestionInput } from './question.input';
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
import type { Tally, TallyService } from './tally.service';
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
      'Asks a question, while the session is live. FAILED_PRECONDITION SESSION_NOT_LIVE otherwise, ANONYMITY_NOT_ALLOWED where they are asked by name; CONFLICT ' +
      'DUPLICATE_QUESTION, whose details name the other, where duplicates are refused.',
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
    description:
      "Changes the text of one's own question, until it is answered; where questions are approved it waits for that again. " +
      "Who moderates edits anybody's, which is audited.",
  })
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
