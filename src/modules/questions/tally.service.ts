import type { Actor } from '../../lib/actor';
import type { Ending } from '../../lib/ending';
import type { Kernel } from '../../realtime/kernel';
import type { Attendance } from '../attendees';
import type { QuestionRepository } from './question.repository';
import { TallyBoards } from './tally-board';
import type { Tally } from './tally-board';

/** Live tallies for those who are present, and for who looks after the session. */
export class TallyService {
  private readonly boards: TallyBoards;

  constructor(
    kernel: Pick<Kernel, 'database' | 'fanOut'>,
    private readonly attendance: Attendance,
    questions: QuestionRepository,
  ) {
    this.boards = new TallyBoards(kernel.fanOut, async (sessionId, milliseconds) => {
      const voted = await questions.listVotedWithin(kernel.database, sessionId, milliseconds);
      return voted.map(({ id, upvotes, downvotes, score }) => ({ questionId: id, upvotes, downvotes, score }));
    });
  }

  async follow(actor: Actor, sessionId: string, signal: Ending): Promise<AsyncIterableIterator<Tally>> {
    const { end } = await this.attendance.watch(actor, sessionId, signal);
    return this.boards.follow(sessionId, end);
  }
}
