import { badInput, unauthenticated } from '../../errors/domain-error';
import type { DomainError } from '../../errors/domain-error';
import type { Viewer } from '../../lib/viewer';
import { failed, GroupCommit, succeeded } from '../../realtime/group-commit';
import type { Outcome } from '../../realtime/group-commit';
import type { Kernel } from '../../realtime/kernel';
import type { RecordingTx } from '../../realtime/unit-of-work';
import type { Attendance, AttendeeRecord } from '../attendees';
import { refusalOf } from '../attendees';
import type { SessionRecord, SessionService } from '../sessions';
import { LIVE_STATUSES, sessionNotLive } from '../sessions';
import type { BallotRepository } from './ballot.repository';
import type { Choices } from './choices';
import { choicesOf, placeOf } from './choices';
import { illegalInStatus, pollNotFound } from './poll.errors';
import { ballotsStream, pollVoted } from './poll.events';
import { canSee } from './poll.policy';
import type { PollRecord, PollRepository } from './poll.repository';
import { pollIds } from './poll.service';
import { count, lastBallots } from './poll-tally';

const MAX_BATCH = 512;
const MAX_REMEMBERED = 10_000;

interface Request {
  readonly viewer: Viewer;
  readonly pollId: string;
  readonly optionIds: readonly string[];
}

export interface PollVotingDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork'>;
  readonly sessions: SessionService;
  readonly attendance: Attendance;
  readonly polls: PollRepository;
  readonly ballots: BallotRepository;
}

/**
 * One ballot per person and poll. Votes of one session share transactions under the lock of its stream of ballots, so counts are exact
 * whoever votes at the same time, and a thousand at once cost a few commits.
 */
export class PollVotingService {
  private readonly voting: GroupCommit<Request, PollRecord>;
  private readonly knownSessions = new Map<string, Promise<string>>();

  constructor(private readonly deps: PollVotingDeps) {
    this.voting = new GroupCommit(deps.kernel.unitOfWork, {
      maxBatch: MAX_BATCH,
      write: (tx, sessionId, batch) => this.writeBatch(tx, sessionId, batch),
    });
  }

  /** In place of what the viewer chose before; no options take the vote back. What changes nothing records nothing. */
  async vote(viewer: Viewer, pollId: string, optionIds: readonly string[]): Promise<PollRecord> {
    if (viewer.kind === 'anonymous') throw unauthenticated();
    return this.voting.submit(await this.sessionOf(pollId), { viewer, pollId, optionIds });
  }

  /** A poll never moves to another session, so the answer is remembered, and a thousand first voters ask once. */
  private sessionOf(pollId: string): Promise<string> {
    const known = this.knownSessions.get(pollId);
    if (known !== undefined) return known;
    if (this.knownSessions.size >= MAX_REMEMBERED) this.knownSessions.clear();
    const asked = this.findSession(pollId);
    this.knownSessions.set(pollId, asked);
    asked.catch(() => this.knownSessions.delete(pollId));
    return asked;
  }

  private async findSession(pollId: string): Promise<string> {
    const poll = pollIds.is(pollId) ? await this.deps.polls.find(this.deps.kernel.database, pollId) : null;
    if (poll === null) throw pollNotFound();
    return poll.sessionId;
  }

  private async writeBatch(tx: RecordingTx, sessionId: string, batch: readonly Request[]): Promise<Outcome<PollRecord>[]> {
    const { sessions, attendance, polls, ballots } = this.deps;
    const session = await sessions.get(tx, sessionId);
    const viewers = batch.map(({ viewer }) => viewer);
    const attendees = await attendance.findEach(tx, viewers, sessionId);
    if (attendees.every((attendee) => attendee === null)) return batch.map(() => failed(pollNotFound()));

    await tx.lock(ballotsStream(sessionId));
    const ids = [...new Set(batch.map(({ pollId }) => pollId))];
    const before = byId(await polls.listByIds(tx, ids));
    const decisions = batch.map((request, index) => decide(request, session, attendees[index] ?? null, before.get(request.pollId)));
    const cast = decisions.flatMap((decision) => (decision.ok ? [decision.value] : []));
    const { voted, counted } = count([...before.values()], await ballots.cast(tx, lastBallots(cast)));
    await polls.setCounts(tx, counted);
    tx.record(ballotsStream(sessionId), ...voted.map((vote) => pollVoted.record(vote)));

    const after = byId(await polls.listByIds(tx, ids));
    return decisions.map((decision) => (decision.ok ? found(after.get(decision.value.pollId)) : decision));
  }
}

interface Decided {
  readonly pollId: string;
  readonly attendeeId: string;
  readonly choices: Choices;
}

/** Strangers learn nothing; then whether the person, the session and the poll are in a state to vote, and for what. */
function decide(
  { pollId, optionIds }: Request,
  session: SessionRecord,
  attendee: AttendeeRecord | null,
  poll: PollRecord | undefined,
): Outcome<Decided> {
  if (attendee === null || poll === undefined) return failed(pollNotFound());
  const refusal = refusalOf(attendee);
  if (refusal !== null) return failed(refusal);
  if (!canSee({ attendee, oversight: null }, poll)) return failed(pollNotFound());
  if (!LIVE_STATUSES.includes(session.status)) return failed(sessionNotLive());
  if (poll.status !== 'OPEN') return failed(illegalInStatus(poll.status));
  const choices = choicesIn(poll, optionIds);
  return typeof choices === 'number' ? succeeded({ pollId, attendeeId: attendee.id, choices }) : failed(choices);
}

function choicesIn({ id, options, maxChoices }: PollRecord, optionIds: readonly string[]): Choices | DomainError {
  const places = new Set(optionIds.map((optionId) => placeOf(id, options, optionId)));
  const known = [...places].filter((place) => place !== null);
  if (known.length < places.size) return badInput('optionIds', 'must be options of the poll');
  if (known.length > maxChoices) return badInput('optionIds', `must be at most ${maxChoices} of its options`);
  return choicesOf(known);
}

function found(poll: PollRecord | undefined): Outcome<PollRecord> {
  return poll === undefined ? failed(pollNotFound()) : succeeded(poll);
}

function byId(polls: readonly PollRecord[]): Map<string, PollRecord> {
  return new Map(polls.map((poll) => [poll.id, poll]));
}
