import type { Actor } from '../../lib/actor';
import type { Ending } from '../../lib/ending';
import { Selected } from '../../lib/selected';
import type { Kernel } from '../../realtime/kernel';
import { StateBoards } from '../../realtime/state-boards';
import type { Attendance } from '../attendees';
import { questionVoted, votesStream } from './question.events';
import { seesAll } from './question.policy';
import type { QuestionRepository } from './question.repository';

/** A question's counts and score at a moment. */
export interface Tally {
  readonly questionId: string;
  readonly upvotes: number;
  readonly downvotes: number;
  readonly score: number;
  /** Set where nobody else but who keeps order may know of it. */
  readonly heldOf?: string;
}

/** Live tallies for those who are present, and for who looks after the session. */
export class TallyService {
  private readonly boards: StateBoards<Tally>;

  constructor(
    { database, fanOut }: Pick<Kernel, 'database' | 'fanOut'>,
    private readonly attendance: Attendance,
    questions: QuestionRepository,
  ) {
    this.boards = new StateBoards({
      fanOut,
      streamOf: votesStream,
      stateOf: (event) => (questionVoted.is(event) ? tallyOf(questionVoted.read(event)) : null),
      keyOf: ({ questionId }) => questionId,
      listRecent: async (sessionId, milliseconds) => {
        const voted = await questions.listVotedWithin(database, sessionId, milliseconds);
        return voted.map((question) => tallyOf({ ...question, questionId: question.id }));
      },
    });
  }

  async follow(actor: Actor, sessionId: string, signal: Ending): Promise<AsyncIterableIterator<Tally>> {
    const { standpoint, end } = await this.attendance.watch(actor, sessionId, signal);
    const isTold = ({ heldOf }: Tally): boolean => heldOf === undefined || standpoint().attendee?.id === heldOf || seesAll(standpoint());
    return new Selected(await this.boards.follow(sessionId, end), isTold);
  }
}

function tallyOf({ questionId, upvotes, downvotes, score, heldOf }: Tally): Tally {
  return { questionId, upvotes, downvotes, score, ...(heldOf !== undefined && { heldOf }) };
}
