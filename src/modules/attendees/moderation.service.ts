import { badInput } from '../../errors/domain-error';
import type { Actor } from '../../lib/actor';
import type { Viewer } from '../../lib/viewer';
import { reachesOrganization, viewerIds } from '../../lib/viewer';
import type { Tx } from '../../persistence/database';
import type { Kernel } from '../../realtime/kernel';
import type { RecordingTx } from '../../realtime/unit-of-work';
import type { AuditAction, AuditTrail } from '../audit';
import type { SessionOversight, SessionRecord, SessionService } from '../sessions';
import { canEdit, isHost, notTheHost } from '../sessions';
import type { Attendance } from './attendance';
import { attendeeNotFound, moderatorsOnly, partyCannotBeMuted, partyCannotBeRemoved, partyKeepsRole } from './attendee.errors';
import { canModerate, isGrantable, isParty, isWaiting } from './attendee.policy';
import type { AttendeeRecord, AttendeeRepository, AttendeeRole } from './attendee.repository';
import { attendeeIds } from './attendee.service';
import type { Seating } from './seating';

export interface ModerationServiceDeps {
  readonly kernel: Pick<Kernel, 'unitOfWork'>;
  readonly audit: AuditTrail;
  readonly sessions: SessionService;
  readonly oversight: SessionOversight;
  readonly attendance: Attendance;
  readonly attendees: AttendeeRepository;
  readonly seating: Seating;
}

/** Somebody of a session that the transaction holds. */
interface Held {
  readonly session: SessionRecord;
  readonly target: AttendeeRecord;
}

/** What those who keep order in a session do to others in it. All of it is audited. */
export class ModerationService {
  constructor(private readonly deps: ModerationServiceDeps) {}

  /** Who was sent away does not come again, neither by the token nor by the account, until somebody lifts it with `unban`. */
  remove(actor: Actor, attendeeId: string): Promise<AttendeeRecord> {
    return this.sendAway(actor, attendeeId, 'removed', (tx) => this.deps.attendees.remove(tx, attendeeId));
  }

  /** The same, and shown as a ban. Also for who has left, or was removed already. */
  ban(actor: Actor, attendeeId: string): Promise<AttendeeRecord> {
    return this.sendAway(actor, attendeeId, 'banned', (tx) => this.deps.attendees.ban(tx, attendeeId));
  }

  /** They may come again, whether they were removed or banned. */
  async unban(actor: Actor, attendeeId: string): Promise<AttendeeRecord> {
    return this.deps.kernel.unitOfWork.as(viewerIds(actor.viewer)).run(async (tx) => {
      const held = await this.hold(tx, actor.viewer, attendeeId);
      await this.requireModerator(tx, actor.viewer, held.session);
      const readmitted = await this.deps.attendees.readmit(tx, attendeeId);
      if (readmitted === null) return held.target;
      this.record(tx, actor, held, 'attendee.unbanned');
      return this.deps.seating.changed(tx, held.session, readmitted);
    });
  }

  /** `muted`: asked not to be heard. `silenced`: may not write. Undefined leaves it as it is. */
  async restrict(actor: Actor, attendeeId: string, restrictions: { muted?: boolean; silenced?: boolean }): Promise<AttendeeRecord> {
    return this.moderate(actor, attendeeId, async (tx, held) => {
      if (isParty(held.target)) throw partyCannotBeMuted();
      const restricted = await this.deps.attendees.restrict(tx, attendeeId, restrictions);
      if (restricted === null) return held.target;
      const { muted, silenced } = restricted;
      this.record(tx, actor, held, 'attendee.restricted', { muted, silenced });
      return this.deps.seating.changed(tx, held.session, restricted);
    });
  }

  /** Of somebody else; lowering what is not raised is the same as lowering it. */
  lowerHand(actor: Actor, attendeeId: string): Promise<AttendeeRecord> {
    return this.moderate(actor, attendeeId, async (tx, held) => {
      const lowered = await this.deps.attendees.raiseHand(tx, attendeeId, false);
      if (lowered === null) return held.target;
      this.record(tx, actor, held, 'attendee.hand_lowered');
      return this.deps.seating.changed(tx, held.session, lowered);
    });
  }

  /** What somebody sees and may do by their former role ends with the event. */
  async setRole(actor: Actor, attendeeId: string, role: AttendeeRole): Promise<AttendeeRecord> {
    if (!isGrantable(role)) throw badInput('role', 'must be PRESENTER, MODERATOR or ATTENDEE');
    return this.deps.kernel.unitOfWork.as(viewerIds(actor.viewer)).run(async (tx) => {
      const held = await this.hold(tx, actor.viewer, attendeeId);
      await this.requireEditor(tx, actor.viewer, held.session);
      if (isParty(held.target)) throw partyKeepsRole();
      const changed = await this.deps.attendees.setRole(tx, attendeeId, role);
      if (changed === null) return held.target;
      this.record(tx, actor, held, 'attendee.role_changed', { from: held.target.role, to: role });
      return this.deps.seating.changed(tx, held.session, changed);
    });
  }

  private async sendAway(
    actor: Actor,
    attendeeId: string,
    reason: 'removed' | 'banned',
    write: (tx: Tx) => Promise<AttendeeRecord | null>,
  ): Promise<AttendeeRecord> {
    return this.moderate(actor, attendeeId, async (tx, held) => {
      const { session, target } = held;
      if (isParty(target)) throw partyCannotBeRemoved();
      const sent = await write(tx);
      if (sent === null) return target;
      this.record(tx, actor, held, `attendee.${reason}`);
      if (target.status === 'PRESENT') return this.deps.seating.left(tx, session, sent, reason);
      if (isWaiting(target)) return this.deps.seating.stoppedWaiting(tx, session, sent, reason);
      return this.deps.seating.changed(tx, session, sent);
    });
  }

  /** For this room's services: work on an attendee of a session that is held, for who keeps order in it. */
  moderate(actor: Actor, attendeeId: string, work: (tx: RecordingTx, held: Held) => Promise<AttendeeRecord>): Promise<AttendeeRecord> {
    return this.deps.kernel.unitOfWork.as(viewerIds(actor.viewer)).run(async (tx) => {
      const held = await this.hold(tx, actor.viewer, attendeeId);
      await this.requireModerator(tx, actor.viewer, held.session);
      return work(tx, held);
    });
  }

  /** Read again once the session is held: nobody else changes its people from then on. */
  private async hold(tx: Tx, viewer: Viewer, attendeeId: string): Promise<Held> {
    const { sessionId } = await this.get(tx, attendeeId);
    const session = await this.deps.sessions.lock(tx, sessionId);
    if (!reachesOrganization(viewer, session.organizationId)) throw attendeeNotFound();
    return { session, target: await this.get(tx, attendeeId) };
  }

  private async get(tx: Tx, id: string): Promise<AttendeeRecord> {
    const attendee = attendeeIds.is(id) ? await this.deps.attendees.find(tx, id) : null;
    if (attendee === null) throw attendeeNotFound();
    return attendee;
  }

  /** `hidden` is what whoever may not even read it is told. */
  async requireModerator(tx: Tx, viewer: Viewer, session: SessionRecord, hidden = attendeeNotFound): Promise<void> {
    if (!reachesOrganization(viewer, session.organizationId)) throw hidden();
    if (isHost(viewer, session)) return;
    const place = await this.deps.attendance.find(tx, viewer, session.id);
    if (place !== null && canModerate(place)) return;
    if ((await this.deps.oversight.find(tx, viewer, session)) !== null) return;
    throw (await this.deps.sessions.canRead(tx, viewer, session)) ? moderatorsOnly() : hidden();
  }

  private async requireEditor(tx: Tx, viewer: Viewer, session: SessionRecord): Promise<void> {
    if (canEdit(viewer, session) || (await this.deps.oversight.find(tx, viewer, session)) !== null) return;
    throw (await this.deps.sessions.canRead(tx, viewer, session)) ? notTheHost() : attendeeNotFound();
  }

  private record(tx: Tx, actor: Actor, { session, target }: Held, action: AuditAction, more: Record<string, string | boolean> = {}): void {
    const details = { sessionId: session.id, ...more };
    this.deps.audit.record(tx, actor, { action, organizationId: session.organizationId, targetId: target.id, details });
  }
}
