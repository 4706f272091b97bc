import { badInput } from '../../errors/domain-error';
import type { Actor } from '../../lib/actor';
import { viewerIds } from '../../lib/viewer';
import type { Kernel } from '../../realtime/kernel';
import type { RecordingTx } from '../../realtime/unit-of-work';
import type { BallotBox } from './ballot-box';
import type { QuestionCommands } from './question-commands';
import { illegalInStatus, questionNotFound } from './question.errors';
import type { Moderation } from './question.policy';
import type { QuestionRecord, QuestionRepository } from './question.repository';
import type { VoteRepository } from './vote.repository';

export interface CurationServiceDeps {
  readonly kernel: Pick<Kernel, 'unitOfWork'>;
  readonly commands: QuestionCommands;
  readonly ballots: BallotBox;
  readonly questions: QuestionRepository;
  readonly votes: VoteRepository;
}

/**
 * What those who keep order do to questions together with their votes: nobody votes in the meantime. Whose own vote has become another learns
 * it from the question's event, for tallies say nothing of one's own.
 */
export class CurationService {
  constructor(private readonly deps: CurationServiceDeps) {}

  /** Takes all votes back. */
  async resetVotes(actor: Actor, questionId: string): Promise<QuestionRecord> {
    const { commands, ballots, votes, kernel } = this.deps;
    return kernel.unitOfWork.as(viewerIds(actor.viewer)).run(async (tx) => {
      const [question] = await this.holdEach(tx, actor, [[questionId, 'resetVotes']]);
      if (question === undefined) throw questionNotFound();
      const cast = await votes.listByQuestion(tx, question.id);
      const casts = cast.map((vote) => ({ ...vote, value: 0 as const }));
      const retracted = await ballots.cast(tx, question.sessionId, [question], casts);
      if (retracted === 0) return question;
      await commands.audit(tx, actor, question, 'question.votes_reset', { votes: retracted });
      return commands.changed(tx, await commands.get(tx, question.id));
    });
  }

  /**
   * One question takes another's votes: whoever voted on either has one vote on it, their own on it where they voted on both. The other
   * keeps its votes as they were, takes no more, and points to it. Answers the question that is left.
   */
  async merge(actor: Actor, intoId: string, fromId: string): Promise<QuestionRecord> {
    if (intoId === fromId) throw badInput('fromId', 'must be another question');
    const { commands, ballots, questions, votes, kernel } = this.deps;
    return kernel.unitOfWork.as(viewerIds(actor.viewer)).run(async (tx) => {
      const [into, from] = await this.holdEach(tx, actor, [
        [intoId, 'mergeInto'],
        [fromId, 'mergeFrom'],
      ]);
      if (into === undefined || from === undefined) throw questionNotFound();
      if (from.mergedIntoId === into.id) return into;
      if (from.status === 'MERGED') throw illegalInStatus(from.status);
      const casts = (await votes.listOfOthers(tx, from.id, into.id)).map((vote) => ({ ...vote, questionId: into.id }));
      const moved = await ballots.cast(tx, into.sessionId, [into], casts);
      commands.changed(tx, await questions.update(tx, from.id, { status: 'MERGED', mergedIntoId: into.id, pinned: false }));
      await commands.audit(tx, actor, from, 'question.merged', { into: into.id, votes: moved });
      return moved === 0 ? into : commands.changed(tx, await commands.get(tx, into.id));
    });
  }

  /** The questions in the order asked for, held together with their session's votes. Who may not is refused before anybody is held up. */
  private async holdEach(tx: RecordingTx, actor: Actor, wanted: readonly (readonly [string, Moderation])[]): Promise<QuestionRecord[]> {
    const { commands, ballots, questions } = this.deps;
    const seen: QuestionRecord[] = [];
    for (const [id, command] of wanted) {
      const question = await commands.get(tx, id);
      await commands.requireRight(tx, actor.viewer, question, command);
      seen.push(question);
    }
    const sessionId = seen[0]?.sessionId ?? '';
    if (seen.some((question) => question.sessionId !== sessionId)) throw badInput('fromId', 'is a question of another session');
    await ballots.open(tx, sessionId);
    const ids = seen.map(({ id }) => id);
    const held = new Map((await questions.lockEach(tx, ids)).map((question) => [question.id, question]));
    const questionsHeld: QuestionRecord[] = [];
    for (const [id, command] of wanted) {
      const question = held.get(id);
      if (question === undefined) throw questionNotFound();
      await commands.requireRight(tx, actor.viewer, question, command);
      questionsHeld.push(question);
    }
    return questionsHeld;
  }
}
