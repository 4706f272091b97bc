import type { Actor } from '../../lib/actor';
import { digest } from '../../lib/digest';
import { idKind } from '../../lib/ids';
import { viewerIds } from '../../lib/viewer';
import type { Viewer } from '../../lib/viewer';
import type { Db, Tx } from '../../persistence/database';
import type { Kernel } from '../../realtime/kernel';
import type { RecordingTx } from '../../realtime/unit-of-work';
import type { Attendance, AttendeeRecord } from '../attendees';
import { canModerate, moderatorsOnly, refusalOf } from '../attendees';
import type { AuditAction, AuditFact, AuditTrail } from '../audit';
import type { SessionCompanion, SessionOversight, SessionRecord, SessionService } from '../sessions';
import { sessionNotFound, sessionStream } from '../sessions';
import type { UserService } from '../users';
import type { BallotRepository } from './ballot.repository';
import { clientIdReused, illegalInStatus, pollNotFound } from './poll.errors';
import type { PollChange } from './poll.events';
import { ballotsStream, pollChanged, pollCounted, pollDeleted, snapshotOf, standingOf, withoutText } from './poll.events';
import type { PollCommand } from './poll.policy';
import { canSee, isLegal, runsPolls } from './poll.policy';
import type { NewPoll, PollPage, PollRecord, PollRepository } from './poll.repository';

export const pollIds = idKind('pol');

export type PollDraft = Pick<PollRecord, 'sessionId' | 'title' | 'options' | 'maxChoices' | 'anonymous' | 'resultsVisibility'> & {
  /** Whether it is opened at once. */
  readonly open: boolean;
  readonly clientId?: string | null;
};

export interface PollServiceDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork' | 'log'>;
  readonly audit: AuditTrail;
  readonly users: UserService;
  readonly sessions: SessionService;
  readonly oversight: SessionOversight;
  readonly attendance: Attendance;
  readonly polls: PollRepository;
  readonly ballots: BallotRepository;
}

/** What those who run the polls of a session do to them, one at a time: under the lock that votes take, which comes after the session's own. */
export class PollService implements SessionCompanion {
  constructor(private readonly deps: PollServiceDeps) {}

  /** Also before the session begins, as a draft. */
  async create(actor: Actor, draft: PollDraft): Promise<PollRecord> {
    const { kernel, sessions, polls } = this.deps;
    return kernel.unitOfWork.as(viewerIds(actor.viewer)).run(async (tx) => {
      const place = await this.requireRunner(tx, actor.viewer, draft.sessionId, sessionNotFound);
      await (draft.open ? sessions.requireLiveLocked(tx, draft.sessionId) : sessions.requireOpen(tx, draft.sessionId));
      const creator = await this.creatorOf(tx, actor.viewer, place);
      const poll = await polls.insert(tx, newPoll(draft, creator));
      if (poll === null) return this.requireTwin(tx, creator.creatorId, draft);
      this.changed(tx, 'CREATED', poll);
      await this.audit(tx, actor, poll, 'poll.created');
      return draft.open ? this.changed(tx, 'OPENED', await polls.setStatus(tx, poll.id, 'OPEN')) : poll;
    });
  }

  /** A draft, or one that was closed. */
  open(actor: Actor, pollId: string): Promise<PollRecord> {
    return this.command(actor, pollId, 'open', async (tx, poll) => {
      if (poll.status === 'OPEN') return poll;
      await this.audit(tx, actor, poll, 'poll.opened');
      return this.counted(tx, 'OPENED', await this.deps.polls.setStatus(tx, poll.id, 'OPEN'));
    });
  }

  close(actor: Actor, pollId: string): Promise<PollRecord> {
    return this.command(actor, pollId, 'close', async (tx, poll) => {
      if (poll.status === 'CLOSED') return poll;
      await this.audit(tx, actor, poll, 'poll.closed');
      return this.counted(tx, 'CLOSED', await this.deps.polls.setStatus(tx, poll.id, 'CLOSED'));
    });
  }

  /** Takes all votes back: everybody may vote anew. */
  reset(actor: Actor, pollId: string): Promise<PollRecord> {
    const { polls, ballots } = this.deps;
    return this.command(actor, pollId, 'reset', async (tx, poll) => {
      const voters = await ballots.deleteOf(tx, poll.id);
      if (voters === 0) return poll;
      await polls.setCounts(tx, [{ id: poll.id, counts: poll.options.map(() => 0), voters: 0 }]);
      await this.audit(tx, actor, poll, 'poll.reset', { voters });
      return this.counted(tx, 'RESET', await this.get(tx, poll.id));
    });
  }

  /** Erases what was written, here and in the log, and what was voted. */
  delete(actor: Actor, pollId: string): Promise<PollRecord> {
    const { kernel, polls, ballots } = this.deps;
    return this.command(actor, pollId, 'delete', async (tx, poll) => {
      if (poll.status === 'DELETED') return poll;
      const stream = sessionStream(poll.sessionId);
      await ballots.deleteOf(tx, poll.id);
      const erased = await polls.erase(tx, poll.id);
      await kernel.log.rewrite(tx, stream, await polls.listEventOffsets(tx, stream, poll.id), withoutText);
      tx.record(stream, pollDeleted.record({ change: 'DELETED', poll: snapshotOf(erased) }));
      tx.record(ballotsStream(poll.sessionId), pollCounted.record(standingOf(erased)));
      await this.audit(tx, actor, poll, 'poll.deleted');
      return erased;
    });
  }

  /** Who is gone votes no more: what was open is closed with the session. */
  async sessionOver(tx: RecordingTx, { id }: SessionRecord): Promise<void> {
    const { polls } = this.deps;
    if ((await polls.listOpen(tx, id)).length === 0) return;
    await tx.lock(ballotsStream(id));
    for (const poll of await polls.listOpen(tx, id)) this.counted(tx, 'CLOSED', await polls.setStatus(tx, poll.id, 'CLOSED'));
  }

  /** Null when there is none, or the viewer may not see it. */
  async findFor(actor: Actor, id: string): Promise<PollRecord | null> {
    const poll = pollIds.is(id) ? await this.deps.polls.find(this.deps.kernel.database, id) : null;
    if (poll === null) return null;
    const standpoint = await this.deps.attendance.findStandpoint(actor, poll.sessionId, 'session.polls_read');
    if (standpoint === null) return null;
    return canSee(standpoint, poll) || (poll.status === 'DRAFT' && (await this.looksAfter(actor, poll.sessionId))) ? poll : null;
  }

  async list(actor: Actor, page: Omit<PollPage, 'all'>): Promise<PollRecord[]> {
    const standpoint = await this.deps.attendance.requireStandpoint(actor, page.sessionId, 'session.polls_read');
    const all = runsPolls(standpoint) || (await this.looksAfter(actor, page.sessionId));
    return this.deps.polls.page(this.deps.kernel.database, { ...page, all });
  }

  /** Who may not is refused before anybody is held up. */
  private async command(
    actor: Actor,
    pollId: string,
    command: PollCommand,
    act: (tx: RecordingTx, poll: PollRecord) => Promise<PollRecord>,
  ): Promise<PollRecord> {
    return this.deps.kernel.unitOfWork.as(viewerIds(actor.viewer)).run(async (tx) => {
      const { sessionId, openedAt } = await this.get(tx, pollId);
      const refusal = openedAt === null ? pollNotFound : moderatorsOnly;
      await this.requireRunner(tx, actor.viewer, sessionId, pollNotFound, refusal);
      if (command === 'open') await this.deps.sessions.requireLiveLocked(tx, sessionId);
      await tx.lock(ballotsStream(sessionId));
      const poll = await this.get(tx, pollId);
      if (!isLegal(command, poll)) throw illegalInStatus(poll.status);
      return act(tx, poll);
    });
  }

  private async get(db: Db, id: string): Promise<PollRecord> {
    const poll = pollIds.is(id) ? await this.deps.polls.find(db, id) : null;
    if (poll === null) throw pollNotFound();
    return poll;
  }

  /** Their place in the session, where they have one; throws why they may not run its polls. */
  private async requireRunner(
    tx: Tx,
    viewer: Viewer,
    sessionId: string,
    absent: typeof pollNotFound,
    refusal = moderatorsOnly,
  ): Promise<AttendeeRecord | null> {
    const { attendance, sessions, oversight } = this.deps;
    const place = await attendance.find(tx, viewer, sessionId);
    if (place !== null && canModerate(place)) return place;
    const role = await oversight.find(tx, viewer, await sessions.get(tx, sessionId));
    if (role === null) throw place === null ? absent() : (refusalOf(place) ?? refusal());
    return place;
  }

  /** Also from a place that keeps no order: in a call nobody does. */
  private async looksAfter({ viewer }: Actor, sessionId: string): Promise<boolean> {
    if (viewer.kind !== 'user') return false;
    const { kernel, sessions, oversight } = this.deps;
    return (await oversight.find(kernel.database.as(viewerIds(viewer)), viewer, await sessions.get(kernel.database, sessionId))) !== null;
  }

  private async creatorOf(tx: Tx, viewer: Viewer, place: AttendeeRecord | null): Promise<Pick<PollRecord, 'creatorId' | 'creatorName'>> {
    if (place !== null) return { creatorId: place.userId ?? place.id, creatorName: place.displayName };
    const user = viewer.kind === 'user' ? await this.deps.users.find(tx, viewer.userId) : null;
    if (user === null) throw sessionNotFound();
    return { creatorId: user.id, creatorName: user.displayName };
  }

  /** The poll that the same client id made before. */
  private async requireTwin(tx: Tx, creatorId: string, draft: PollDraft): Promise<PollRecord> {
    const twin = await this.deps.polls.findByClientId(tx, draft.sessionId, creatorId, draft.clientId ?? '');
    if (twin?.clientDigest !== digestOf(draft)) throw clientIdReused();
    return twin;
  }

  private async audit(tx: Tx, actor: Actor, { id, sessionId }: PollRecord, action: AuditAction, details: AuditFact['details'] = {}) {
    const { organizationId } = await this.deps.sessions.get(tx, sessionId);
    this.deps.audit.record(tx, actor, { action, organizationId, targetId: id, details: { sessionId, ...details } });
  }

  /** Others may know its counts than before, or there are others. */
  private counted(tx: RecordingTx, change: PollChange, poll: PollRecord): PollRecord {
    tx.record(ballotsStream(poll.sessionId), pollCounted.record(standingOf(poll)));
    return this.changed(tx, change, poll);
  }

  private changed(tx: RecordingTx, change: PollChange, poll: PollRecord): PollRecord {
    tx.record(sessionStream(poll.sessionId), pollChanged.record({ change, poll: snapshotOf(poll) }));
    return poll;
  }
}

function newPoll(draft: PollDraft, creator: Pick<PollRecord, 'creatorId' | 'creatorName'>): NewPoll {
  const { open: _, clientId = null, ...content } = draft;
  return { ...content, ...creator, id: pollIds.create(), clientId, clientDigest: clientId === null ? null : digestOf(draft) };
}

function digestOf({ title, options, maxChoices, anonymous, resultsVisibility, open }: PollDraft): string {
  return digest(JSON.stringify([title, options, maxChoices, anonymous, resultsVisibility, open]));
}
