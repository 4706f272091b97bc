import { unauthenticated } from '../../errors/domain-error';
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
import type { BallotBox } from './ballot-box';
import { questionIds } from './question-commands';
import { illegalInStatus, questionNotFound } from './question.errors';
import { asSeenFrom, canSee, isPublic, isShadowed } from './question.policy';
import type { QuestionRecord, QuestionRepository } from './question.repository';
import type { Ballot, VoteRepository } from './vote.repository';

const MAX_BATCH = 512;
const MAX_REMEMBERED = 10_000;

interface Request {
  readonly viewer: Viewer;
  readonly questionId: string;
  readonly value: Ballot;
}

export interface OwnVoteAsked {
  readonly viewer: Viewer;
  readonly question: { readonly id: string; readonly sessionId: string };
}

export interface VoteServiceDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork'>;
  readonly sessions: SessionService;
  readonly attendance: Attendance;
  readonly questions: QuestionRepository;
  readonly votes: VoteRepository;
  readonly ballots: BallotBox;
}

/**
 * One vote per person and question. Votes of one session share transactions under the lock of its votes stream, so counts are exact
 * whoever votes at the same time, and a thousand at once cost a few commits.
 */
export class VoteService {
  private readonly voting: GroupCommit<Request, QuestionRecord>;
  private readonly knownSessions = new Map<string, Promise<string>>();

  constructor(private readonly deps: VoteServiceDeps) {
    this.voting = new GroupCommit(deps.kernel.unitOfWork, {
      maxBatch: MAX_BATCH,
      write: (tx, sessionId, batch) => this.writeBatch(tx, sessionId, batch),
    });
  }

  /** Answers the question after the vote. A repeated vote changes nothing and records nothing. */
  async vote(viewer: Viewer, questionId: string, value: Ballot): Promise<QuestionRecord> {
    if (viewer.kind === 'anonymous') throw unauthenticated();
    return this.voting.submit(await this.sessionOf(questionId), { viewer, questionId, value });
  }

  /** What each asks of their own vote, in the order asked; 0 for none. One statement, however many ask. */
  listOwn(asked: readonly OwnVoteAsked[]): Promise<Ballot[]> {
    const votes = asked.map(({ viewer, question }) => ({
      questionId: question.id,
      sessionId: question.sessionId,
      attendeeId: viewer.kind === 'guest' ? viewer.attendeeId : null,
      userId: viewer.kind === 'user' ? viewer.userId : null,
    }));
    return this.deps.votes.listOwn(this.deps.kernel.database, votes);
  }

  /** A question never moves to another session, so the answer is remembered, and a thousand first voters ask once. */
  private sessionOf(questionId: string): Promise<string> {
    const known = this.knownSessions.get(questionId);
    if (known !== undefined) return known;
    if (this.knownSessions.size >= MAX_REMEMBERED) this.knownSessions.clear();
    const asked = this.findSession(questionId);
    this.knownSessions.set(questionId, asked);
    asked.catch(() => this.knownSessions.delete(questionId));
    return asked;
  }

  private async findSession(questionId: string): Promise<string> {
    const question = questionIds.is(questionId) ? await this.deps.questions.find(this.deps.kernel.database, questionId) : null;
    if (question === null) throw questionNotFound();
    return question.sessionId;
  }

  private async writeBatch(tx: RecordingTx, sessionId: string, batch: readonly Request[]): Promise<Outcome<QuestionRecord>[]> {
    const { sessions, attendance, questions, ballots } = this.deps;
    const session = await sessions.get(tx, sessionId);
    const attendees = await attendance.findEach(
      tx,
      batch.map(({ viewer }) => viewer),
      sessionId,
    );
    if (attendees.every((attendee) => attendee === null)) return batch.map(() => failed(questionNotFound()));

    await ballots.open(tx, sessionId);
    const before = byId(await questions.listByIds(tx, distinctIds(batch)));
    const refusals = batch.map(({ questionId }, index) => refusalOfVote(session, attendees[index] ?? null, before.get(questionId)));
    const casts = batch.flatMap(({ questionId, value }, index) => {
      const attendeeId = attendees[index]?.id;
      return attendeeId === undefined || refusals[index] !== null ? [] : [{ questionId, attendeeId, value }];
    });
    await ballots.cast(tx, sessionId, [...before.values()], casts);

    const after = byId(await questions.listByIds(tx, distinctIds(batch)));
    return batch.map(({ questionId }, index) => answer(after.get(questionId), attendees[index] ?? null, refusals[index] ?? null));
  }
}

/** Strangers learn nothing; then whether the person, the session and the question are in a state to vote. */
function refusalOfVote(session: SessionRecord, attendee: AttendeeRecord | null, question: QuestionRecord | undefined): DomainError | null {
  if (attendee === null || question === undefined || !canSee(attendee, question)) return questionNotFound();
  const refusal = refusalOf(attendee);
  if (refusal !== null) return refusal;
  if (!LIVE_STATUSES.includes(session.status)) return sessionNotLive();
  // To who asked it what is held is open.
  return isPublic(question) || isShadowed(question) ? null : illegalInStatus(question.status);
}

function answer(
  question: QuestionRecord | undefined,
  attendee: AttendeeRecord | null,
  refusal: DomainError | null,
): Outcome<QuestionRecord> {
  if (refusal !== null || question === undefined) return failed(refusal ?? questionNotFound());
  return succeeded(asSeenFrom(attendee && { attendee, oversight: null }, question));
}

function byId(questions: readonly QuestionRecord[]): Map<string, QuestionRecord> {
  return new Map(questions.map((question) => [question.id, question]));
}

function distinctIds(batch: readonly Request[]): string[] {
  return [...new Set(batch.map(({ questionId }) => questionId))];
}
