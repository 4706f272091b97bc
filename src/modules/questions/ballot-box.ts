import type { RecordingTx } from '../../realtime/unit-of-work';
import { questionVoted, votesStream } from './question.events';
import type { QuestionRecord, QuestionRepository } from './question.repository';
import { lastCasts, tally } from './vote-tally';
import type { Cast, VoteRepository } from './vote.repository';

/** The only way to change votes: rows, counts and events in one transaction, under the lock of the session's votes stream. */
export class BallotBox {
  constructor(
    private readonly questions: QuestionRepository,
    private readonly votes: VoteRepository,
  ) {}

  /** Nobody else changes votes of this session until the transaction ends. Before any question is held: voting takes them in this order. */
  async open(tx: RecordingTx, sessionId: string): Promise<void> {
    await tx.lock(votesStream(sessionId));
  }

  /** Makes the votes what they are to be and answers how many became another. All are of this session; `before` holds their questions as they are. */
  async cast(tx: RecordingTx, sessionId: string, before: readonly QuestionRecord[], casts: readonly Cast[]): Promise<number> {
    const { voted, tallies } = tally(before, await this.votes.cast(tx, lastCasts(casts)));
    await this.questions.updateTallies(tx, tallies);
    tx.record(votesStream(sessionId), ...voted.map((vote) => questionVoted.record(vote)));
    return voted.length;
  }
}
