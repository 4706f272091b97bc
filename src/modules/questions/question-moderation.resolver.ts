import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../../graphql/context';
import type { CurationService } from './curation.service';
import type { ModerationDesk } from './moderation-desk';
import { AnswerQuestionInput, MergeQuestionsInput, QuestionInput, RejectQuestionInput, ReportQuestionInput } from './question.input';
import type { QuestionService } from './question.service';
import { QuestionPayload, toQuestionPayload } from './question.type';

const MODERATORS = "For hosts, presenters, moderators and admins of the session's organization.";
const WHICH = 'Which one.';

@Resolver()
export class QuestionModerationResolver {
  constructor(
    private readonly questions: QuestionService,
    private readonly curation: CurationService,
    private readonly desk: ModerationDesk,
  ) {}

  @Mutation(() => QuestionPayload, {
    description: 'Tells those who keep order what speaks against a question. Once for each attendee: again changes nothing.',
  })
  async reportQuestion(
    @Arg('input', () => ReportQuestionInput, { description: 'Which one, and why.' }) { questionId, reason }: ReportQuestionInput,
    @Ctx() { viewer }: Context,
  ): Promise<QuestionPayload> {
    return toQuestionPayload(await this.desk.report(viewer, questionId, reason));
  }

  @Mutation(() => QuestionPayload, { description: `Leaves a reported question as it is: its reports are dealt with. ${MODERATORS}` })
  async dismissReports(
    @Arg('input', () => QuestionInput, { description: WHICH }) { questionId }: QuestionInput,
    @Ctx() context: Context,
  ): Promise<QuestionPayload> {
    return toQuestionPayload(await this.desk.dismissReports(context, questionId));
  }

  @Mutation(() => QuestionPayload, {
    description:
      'Brings a question into sight: one that waits for approval, was rejected or was hidden. For hosts, presenters and moderators.',
  })
  async approveQuestion(
    @Arg('input', () => QuestionInput, { description: WHICH }) { questionId }: QuestionInput,
    @Ctx() context: Context,
  ): Promise<QuestionPayload> {
    return toQuestionPayload(await this.questions.approve(context, questionId));
  }

  @Mutation(() => QuestionPayload, {
    description: 'Does not approve a question that waits for it; who asked is told why. For hosts, presenters and moderators.',
  })
  async rejectQuestion(
    @Arg('input', () => RejectQuestionInput, { description: 'Which one, and why.' }) { questionId, reason }: RejectQuestionInput,
    @Ctx() context: Context,
  ): Promise<QuestionPayload> {
    return toQuestionPayload(await this.questions.reject(context, questionId, reason));
  }

  @Mutation(() => QuestionPayload, { description: `Takes a question out of sight; approveQuestion brings it back. ${MODERATORS}` })
  async hideQuestion(
    @Arg('input', () => QuestionInput, { description: WHICH }) { questionId }: QuestionInput,
    @Ctx() context: Context,
  ): Promise<QuestionPayload> {
    return toQuestionPayload(await this.questions.hide(context, questionId));
  }

  @Mutation(() => QuestionPayload, { description: `Answers a question, in writing or as answered live. ${MODERATORS}` })
  async answerQuestion(
    @Arg('input', () => AnswerQuestionInput, { description: 'Which one, and the answer.' }) { questionId, answer }: AnswerQuestionInput,
    @Ctx() context: Context,
  ): Promise<QuestionPayload> {
    return toQuestionPayload(await this.questions.answer(context, questionId, answer ?? null));
  }

  @Mutation(() => QuestionPayload, {
    description: `Marks a question as answered in the room; an answer in writing stays beside it. ${MODERATORS}`,
  })
  async markAnsweredLive(
    @Arg('input', () => QuestionInput, { description: WHICH }) { questionId }: QuestionInput,
    @Ctx() context: Context,
  ): Promise<QuestionPayload> {
    return toQuestionPayload(await this.questions.answerLive(context, questionId));
  }

  @Mutation(() => QuestionPayload, { description: `Puts a question before all others. ${MODERATORS}` })
  async pinQuestion(
    @Arg('input', () => QuestionInput, { description: WHICH }) { questionId }: QuestionInput,
    @Ctx() context: Context,
  ): Promise<QuestionPayload> {
    return toQuestionPayload(await this.questions.pin(context, questionId));
  }

  @Mutation(() => QuestionPayload, { description: `Puts a pinned question back into its place. ${MODERATORS}` })
  async unpinQuestion(
    @Arg('input', () => QuestionInput, { description: WHICH }) { questionId }: QuestionInput,
    @Ctx() context: Context,
  ): Promise<QuestionPayload> {
    return toQuestionPayload(await this.questions.unpin(context, questionId));
  }

  @Mutation(() => QuestionPayload, {
    description:
      'Makes two questions one and answers the one that stays. It takes the votes of the other: who voted on both keeps the vote on it. ' +
      `The other is MERGED and points to it. ${MODERATORS}`,
  })
  async mergeQuestions(
    @Arg('input', () => MergeQuestionsInput, { description: 'Which two.' }) { intoId, fromId }: MergeQuestionsInput,
    @Ctx() context: Context,
  ): Promise<QuestionPayload> {
    return toQuestionPayload(await this.curation.merge(context, intoId, fromId));
  }

  @Mutation(() => QuestionPayload, { description: `Takes all votes on a question back; questionTallies tell it. ${MODERATORS}` })
  async resetVotes(
    @Arg('input', () => QuestionInput, { description: WHICH }) { questionId }: QuestionInput,
    @Ctx() context: Context,
  ): Promise<QuestionPayload> {
    return toQuestionPayload(await this.curation.resetVotes(context, questionId));
  }

  @Mutation(() => QuestionPayload, {
    description: `Takes a question away for good: what was written is erased, from past events too. ${MODERATORS}`,
  })
  async deleteQuestion(
    @Arg('input', () => QuestionInput, { description: WHICH }) { questionId }: QuestionInput,
    @Ctx() context: Context,
  ): Promise<QuestionPayload> {
    return toQuestionPayload(await this.questions.delete(context, questionId));
  }
}
