import { badInput } from '../../errors/domain-error';
import type { Actor } from '../../lib/actor';
import type { Viewer } from '../../lib/viewer';
import { reachesOrganization, viewerIds } from '../../lib/viewer';
import type { Tx } from '../../persistence/database';
import type { Kernel } from '../../realtime/kernel';
import type { AuditAction, AuditTrail } from '../audit';
import type { SessionOversight, SessionRecord, SessionService } from '../sessions';
import { canEdit, isHost, notTheHost } from '../sessions';
import type { Attendance } from './attendance';
import { attendeeNotFound, moderatorsOnly, partyCannotBeRemoved, partyKeepsRole } from './attendee.errors';
import { canModerate, isGrantable, isParty } from './attendee.policy';
import type { AttendeeRecord, AttendeeRepository, AttendeeRole } from './attendee.repository';
import type { AttendeeService } from './attendee.service';
import { attendeeIds } from './attendee.service';

export interface ModerationServiceDeps {
  readonly kernel: Pick<Kernel, 'unitOfWork'>;
  readonly audit: AuditTrail;
  readonly sessions: SessionService;
  readonly oversight: SessionOversight;
  readonly attendance: Attendance;
  readonly attendees: AttendeeRepository;
  readonly people: AttendeeService;
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
    return this.sendAway(actor, attendeeId, 'attendee.removed', (tx) => this.deps.attendees.remove(tx, attendeeId));
  }

  /** The same, and shown as a ban. Also for who has left, or was removed already. */
  ban(actor: Actor, attendeeId: string): Promise<AttendeeRecord> {
    return this.sendAway(actor, attendeeId, 'attendee.banned', (tx) => this.deps.attendees.ban(tx, attendeeId));
  }

  /** They may come again, whether they were removed or banned. */
  async unban(actor: Actor, attendeeId: string): Promise<AttendeeRecord> {
    return this.deps.kernel.unitOfWork.as(viewerIds(actor.viewer)).run(async (tx) => {
      const held = await this.hold(tx, actor.viewer, attendeeId);
      await this.requireModerator(tx, actor.viewer, held.session);
      const readmitted = await this.deps.attendees.readmit(tx, attendeeId);
      if (readmitted === null) return held.target;
      this.record(tx, actor, held, 'attendee.unbanned');
      return this.deps.people.changed(tx, readmitted);
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
      return this.deps.people.changed(tx, changed);
    });
  }

  private async sendAway(
    actor: Actor,
    attendeeId: string,
    action: AuditAction,
    write: (tx: Tx) => Promise<AttendeeRecord | null>,
  ): Promise<AttendeeRecord> {
    return this.deps.kernel.unitOfWork.as(viewerIds(actor.viewer)).run(async (tx) => {
      const held = await this.hold(tx, actor.viewer, attendeeId);
      await this.requireModerator(tx, actor.viewer, held.session);
      if (isParty(held.target)) throw partyCannotBeRemoved();
      const sent = await write(tx);
      if (sent === null) return held.target;
      this.record(tx, actor, held, action);
      return held.target.status === 'PRESENT' ? this.deps.people.left(tx, sent, 'removed') : this.deps.people.changed(tx, sent);
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

  private async requireModerator(tx: Tx, viewer: Viewer, session: SessionRecord): Promise<void> {
    if (isHost(viewer, session)) return;
    const place = await this.deps.attendance.find(tx, viewer, session.id);
    if (place !== null && canModerate(place)) return;
    if ((await this.deps.oversight.find(tx, viewer, session)) !== null) return;
    throw (await this.deps.sessions.canRead(tx, viewer, session)) ? moderatorsOnly() : attendeeNotFound();
  }

  private async requireEditor(tx: Tx, viewer: Viewer, session: SessionRecord): Promise<void> {
    if (canEdit(viewer, session) || (await this.deps.oversight.find(tx, viewer, session)) !== null) return;
    throw (await this.deps.sessions.canRead(tx, viewer, session)) ? notTheHost() : attendeeNotFound();
  }

  private record(tx: Tx, actor: Actor, { session, target }: Held, action: AuditAction, roles: Record<string, AttendeeRole> = {}): void {
    const details = { sessionId: session.id, ...roles };
    this.deps.audit.record(tx, actor, { action, organizationId: session.organizationId, targetId: target.id, details });
  }
}
