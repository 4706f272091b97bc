import { loaderOfTurns } from '../../graphql/loaders';
import type { Actor } from '../../lib/actor';
import type { Ending } from '../../lib/ending';
import { Selected } from '../../lib/selected';
import type { Keyset } from '../../lib/keyset';
import type { Viewer } from '../../lib/viewer';
import type { Kernel } from '../../realtime/kernel';
import type { Pace } from '../../realtime/pace';
import { StateBoards } from '../../realtime/state-boards';
import type { Attendance, AttendeeRecord, Standpoint } from '../attendees';
import type { BallotRepository, CastBallot } from './ballot.repository';
import type { Choices } from './choices';
import type { PollStanding } from './poll.events';
import { ballotsStream, standingIn, standingOf } from './poll.events';
import { canSee, canSeeResults, runsPolls } from './poll.policy';
import type { PollRecord, PollRepository } from './poll.repository';

type Known = Pick<PollRecord, 'id' | 'sessionId'>;

/** Somebody's ballot in a poll that is not anonymous. */
export interface NamedBallot extends CastBallot {
  readonly voter: AttendeeRecord;
}

export interface PollResultsDeps {
  readonly kernel: Pick<Kernel, 'database' | 'fanOut'>;
  readonly attendance: Attendance;
  readonly polls: PollRepository;
  readonly ballots: BallotRepository;
  /** Between two frames of live results; by the clock when left out. */
  readonly pace?: Pace;
}

/** What the votes come to, for those who may know it. */
export class PollResultsService {
  private readonly boards: StateBoards<PollStanding>;
  private readonly current = loaderOfTurns<string, PollRecord | null>((ids) => this.listCurrent(ids));
  private readonly own = loaderOfTurns<{ viewer: Viewer; poll: Known }, Choices>((asked) => this.listOwn(asked));

  constructor(private readonly deps: PollResultsDeps) {
    const { kernel, polls, pace } = deps;
    this.boards = new StateBoards({
      fanOut: kernel.fanOut,
      streamOf: ballotsStream,
      stateOf: standingIn,
      keyOf: ({ pollId }) => pollId,
      listRecent: async (sessionId, milliseconds) =>
        (await polls.listVotedWithin(kernel.database, sessionId, milliseconds)).map((poll) => standingOf(poll)),
      pace,
    });
  }

  /** Live: only what the viewer may know, at that moment. */
  async follow(actor: Actor, sessionId: string, signal: Ending): Promise<AsyncIterableIterator<PollStanding>> {
    const { standpoint, end } = await this.deps.attendance.watch(actor, sessionId, signal);
    const isKnown = (standing: PollStanding): Promise<boolean> =>
      this.mayKnow(actor.viewer, standpoint(), { ...standing, id: standing.pollId, sessionId });
    return new Selected(await this.boards.follow(sessionId, end), isKnown);
  }

  /** What the viewer has chosen; whoever asks in the same turn shares the statement. */
  chosenBy(viewer: Viewer, poll: Known): Promise<Choices> {
    return this.own.load({ viewer, poll });
  }

  /** The poll as it is now; null when the viewer may not know what its votes come to. */
  async findFor(viewer: Viewer, { id, sessionId }: Known): Promise<PollRecord | null> {
    const standpoint = await this.deps.attendance.askStandpoint({ viewer, sessionId });
    const poll = standpoint && (await this.current.load(id));
    return poll !== null && (await this.mayKnow(viewer, standpoint, poll)) ? poll : null;
  }

  /** Who chose what, in the order of voting; null when the poll is anonymous, or the viewer may not know. */
  async listBallots(viewer: Viewer, known: Known, beyond: Keyset | null, limit: number): Promise<NamedBallot[] | null> {
    const { kernel, attendance, ballots } = this.deps;
    const poll = await this.findFor(viewer, known);
    if (poll === null || poll.anonymous) return null;
    const cast = await ballots.page(kernel.database, poll.id, beyond, limit);
    const ids = cast.map(({ attendeeId }) => attendeeId);
    const voters = await attendance.listAmong(kernel.database, poll.sessionId, ids);
    return cast.flatMap((ballot) => {
      const voter = voters.get(ballot.attendeeId);
      return voter === undefined ? [] : [{ ...ballot, voter }];
    });
  }

  private async mayKnow(viewer: Viewer, standpoint: Standpoint | null, poll: Known & Pick<PollStanding, 'status' | 'resultsVisibility'>) {
    if (standpoint === null || !canSee(standpoint, poll)) return false;
    const runs = runsPolls(standpoint);
    const depends = !canSeeResults(poll, { runsPolls: runs, voted: false }) && canSeeResults(poll, { runsPolls: runs, voted: true });
    const voted = depends && (await this.chosenBy(viewer, poll)) !== 0;
    return canSeeResults(poll, { runsPolls: runs, voted });
  }

  private async listCurrent(ids: readonly string[]): Promise<(PollRecord | null)[]> {
    const polls = await this.deps.polls.listByIds(this.deps.kernel.database, [...new Set(ids)]);
    const byId = new Map(polls.map((poll) => [poll.id, poll]));
    return ids.map((id) => byId.get(id) ?? null);
  }

  private listOwn(asked: readonly { viewer: Viewer; poll: Known }[]): Promise<Choices[]> {
    const ballots = asked.map(({ viewer, poll: { id: pollId, sessionId } }) => ({
      pollId,
      sessionId,
      attendeeId: viewer.kind === 'guest' ? viewer.attendeeId : null,
      userId: viewer.kind === 'user' ? viewer.userId : null,
    }));
    return this.deps.ballots.listOwn(this.deps.kernel.database, ballots);
  }
}
