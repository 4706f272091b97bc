import { DomainError, notFound, unauthenticated } from '../../errors/domain-error';
import type { Ending } from '../../lib/ending';
import { idKind } from '../../lib/ids';
import type { Viewer } from '../../lib/viewer';
import { reachesOrganization, viewerKey } from '../../lib/viewer';
import type { Db } from '../../persistence/database';
import type { StreamEvent, StreamId } from '../../realtime/event';
import { failed, succeeded } from '../../realtime/group-commit';
import type { Outcome } from '../../realtime/group-commit';
import type { Kernel } from '../../realtime/kernel';
import { Standings } from '../../realtime/standings';
import type { StandingChange } from '../../realtime/standings';
import type { Attendance, AttendeeRecord } from '../attendees';
import { canModerate, refusalOf } from '../attendees';
import type { SessionService } from '../sessions';
import { ChannelPresence } from './channel-presence';
import { memberLeft, ownerChanged } from './channel.events';
import { refusalOfAttendee, refusalOfMember, refusalOfSession, refusalOfState } from './channel.policy';
import type { ChannelRight } from './channel.policy';
import type { ChannelRecord, ChannelRepository, MemberRecord } from './channel.repository';

export const channelIds = idKind('chn');

const MAX_REMEMBERED = 10_000;

/** Everything written in a channel, in order. */
export function channelStream(channelId: string): StreamId {
  return `channel:${channelId}`;
}

/** Who somebody is in a conversation: a user wherever they sign in, or a guest as one session's attendee. */
export interface Participant {
  readonly id: string;
  readonly displayName: string;
}

/** The id of the participant that this viewer is wherever they have a place; null for the anonymous. */
export function participantIdOf(viewer: Viewer): string | null {
  return (viewer.kind === 'guest' ? viewer.userId : undefined) ?? viewerKey(viewer);
}

/** A viewer's place in a channel, with the right that was asked for. */
export interface ChannelPlace {
  readonly channel: ChannelRecord;
  readonly participant: Participant;
  /** Whether this one may take back what others wrote: its owner, or who runs the session. */
  readonly moderates: boolean;
  /** How long they wait from one message to the next; 0: not at all, or it was not asked for posting. */
  readonly slowModeSeconds: number;
  /** Set in a session's own channel. */
  readonly attendee: AttendeeRecord | null;
}

/** A channel, and the viewer's place in it where that was looked up for the same request. */
export interface KnownChannel {
  readonly id: string;
  readonly place?: ChannelPlace;
}

/** Somebody who follows a channel. */
export interface ChannelFollowing {
  readonly participant: Participant;
  /** Aborts when they may not read on. */
  readonly end: Ending;
}

/** Decides on a database that acts for the viewers it is asked about. */
export class ChannelAccess {
  /** A channel never changes; rights in it do, and are never remembered. */
  private readonly known = new Map<string, ChannelRecord>();

  private readonly members: Standings<MemberRecord | null>;

  /** Who is connected to channels that are no session's. */
  readonly presence: ChannelPresence;

  constructor(
    { database, fanOut, presence }: Pick<Kernel, 'database' | 'fanOut' | 'presence'>,
    private readonly channels: ChannelRepository,
    private readonly sessions: SessionService,
    private readonly attendance: Attendance,
    heartbeatMs?: number,
  ) {
    this.members = new Standings({
      fanOut,
      streamOf: channelStream,
      changeOf: changeOfMember,
      read: (channelId, userId) => channels.findMember(database.as([userId]), channelId, userId),
    });
    this.presence = new ChannelPresence(presence, this.members, heartbeatMs);
  }

  /** Throws NOT_FOUND for strangers, otherwise what the policy says. */
  async require(db: Db, viewer: Viewer, channelId: string, right: ChannelRight): Promise<ChannelPlace> {
    const place = await this.decide(db, viewer, channelId, right);
    if (place.ok) return place.value;
    throw place.error;
  }

  /** Null when the viewer lacks the right, for whatever reason. */
  async find(db: Db, viewer: Viewer, channelId: string, right: ChannelRight): Promise<ChannelPlace | null> {
    const place = await this.decide(db, viewer, channelId, right);
    return place.ok ? place.value : null;
  }

  /** The right to read. A place that was looked up for the same request is not looked up again. Throws what `require` would. */
  async requireReader(db: Db, viewer: Viewer, { id, place }: KnownChannel): Promise<void> {
    if (place === undefined) return void (await this.require(db, viewer, id, 'read'));
    const refusal = place.attendee && refusalOfAttendee(place.attendee, 'read');
    if (refusal !== null) throw refusal;
  }

  /** For those who poll a channel. */
  see({ attendee, channel, participant }: ChannelPlace): void {
    if (attendee !== null) this.attendance.see(attendee);
    else this.presence.see(channel.id, participant.id);
  }

  async decide(db: Db, viewer: Viewer, channelId: string, right: ChannelRight): Promise<Outcome<ChannelPlace>> {
    const [place] = await this.decideEach(db, [viewer], await this.findChannel(db, channelId), right);
    return place ?? failed(notFound('Channel'));
  }

  /** Those of the ids that are people who read the channel: users, or attendees, also by their users. By the id they were asked by. */
  async listReaders(db: Db, channel: ChannelRecord, ids: readonly string[]): Promise<ReadonlyMap<string, Participant>> {
    if (ids.length === 0) return new Map();
    if (channel.sessionId === null) {
      const members = await this.channels.listMembers(db, channel.id, ids);
      return new Map(members.map((member) => [member.userId, placeOfMember(channel, member).participant]));
    }
    const places = await this.attendance.listAmong(db, channel.sessionId, ids);
    const present = ids.flatMap((id) => {
      const place = places.get(id);
      return place !== undefined && refusalOf(place) === null ? [[id, participantOf(place)] as const] : [];
    });
    return new Map(present);
  }

  /** Everybody who is a member, in no order; of a session's own channel nobody. Decides no rights. */
  listMemberIds(db: Db, channelId: string): Promise<string[]> {
    return this.channels.listMemberIds(db, channelId);
  }

  /** The channel itself, for whoever has a place in it, or knows of it already: decides no rights. */
  async findChannel(db: Db, channelId: string): Promise<ChannelRecord | null> {
    const known = this.known.get(channelId);
    if (known !== undefined) return known;
    const channel = channelIds.is(channelId) ? await this.channels.find(db, channelId) : null;
    if (this.known.size >= MAX_REMEMBERED) this.known.clear();
    if (channel !== null) this.known.set(channelId, channel);
    return channel;
  }

  /** Many viewers of one channel in as many statements as for one, given at once; the answers stand in the order of the viewers. */
  async decideEach(
    db: Db,
    viewers: readonly Viewer[],
    channel: ChannelRecord | null,
    right: ChannelRight,
  ): Promise<Outcome<ChannelPlace>[]> {
    if (channel === null) return viewers.map(refusalOfStranger);
    const decisions = await this.decideIn(db, viewers, channel, right);
    return viewers.map((viewer, index) => {
      const decision = reachesOrganization(viewer, channel.organizationId) ? decisions[index] : null;
      return decision ?? refusalOfStranger(viewer);
    });
  }

  /**
   * For subscriptions: who reads, and a signal that aborts with `parent`, or as soon as the place is lost: when an attendee, or a member,
   * leaves or is removed, on whichever instance. Throws as `require` does.
   */
  async follow(db: Db, viewer: Viewer, channelId: string, parent: Ending, right: 'read' | 'speak' = 'read'): Promise<ChannelFollowing> {
    if (viewer.kind === 'anonymous') throw unauthenticated();
    const channel = await this.findChannel(db, channelId);
    if (channel === null || !reachesOrganization(viewer, channel.organizationId)) throw notFound('Channel');
    if (channel.sessionId === null) return this.followAsMember(viewer, channel, parent, right);
    const { attendee, end } = await this.attendance.follow(viewer, channel.sessionId, parent).catch((error: unknown) => {
      throw error instanceof DomainError && error.code === 'NOT_FOUND' ? notFound('Channel') : error;
    });
    return { participant: participantOf(attendee), end };
  }

  private async followAsMember(viewer: Viewer, channel: ChannelRecord, parent: Ending, right: ChannelRight): Promise<ChannelFollowing> {
    const suffices = (member: MemberRecord | null): boolean => member !== null && refusalOfMember(member, channel, right) === null;
    const standing = viewer.kind === 'user' ? await this.members.follow(channel.id, viewer.userId, suffices, parent) : null;
    if (standing?.state == null) throw notFound('Channel');
    return { participant: placeOfMember(channel, standing.state).participant, end: standing.end };
  }

  private decideIn(
    db: Db,
    viewers: readonly Viewer[],
    channel: ChannelRecord,
    right: ChannelRight,
  ): Promise<(Outcome<ChannelPlace> | null)[]> {
    return channel.sessionId === null
      ? this.decideByMembership(db, viewers, channel, right)
      : this.decideByAttendance(db, viewers, channel, channel.sessionId, right);
  }

  private async decideByAttendance(
    db: Db,
    viewers: readonly Viewer[],
    channel: ChannelRecord,
    sessionId: string,
    right: ChannelRight,
  ): Promise<(Outcome<ChannelPlace> | null)[]> {
    const [session, attendees] = await Promise.all([
      isWriting(right) ? this.sessions.get(db, sessionId) : null,
      this.attendance.findEach(db, viewers, sessionId),
    ]);
    return attendees.map((attendee) => {
      if (attendee === null) return null;
      const moderates = canModerate(attendee);
      const slowModeSeconds = moderates ? 0 : (session?.slowModeSeconds ?? 0);
      const place = { channel, participant: participantOf(attendee), moderates, slowModeSeconds, attendee };
      return decided(refusalOfAttendee(attendee, right) ?? (session && refusalOfSession(session)), place);
    });
  }

  private async decideByMembership(
    db: Db,
    viewers: readonly Viewer[],
    channel: ChannelRecord,
    right: ChannelRight,
  ): Promise<(Outcome<ChannelPlace> | null)[]> {
    const userIds = viewers.flatMap((viewer) => (viewer.kind === 'user' ? [viewer.userId] : []));
    const [members, [state]] = await Promise.all([
      this.channels.listMembers(db, channel.id, userIds),
      isWriting(right) ? this.channels.listStates(db, [channel.id]) : [],
    ]);
    const byUser = new Map(members.map((member) => [member.userId, member]));
    return viewers.map((viewer) => {
      const member = viewer.kind === 'user' ? byUser.get(viewer.userId) : undefined;
      if (member === undefined) return null;
      const refusal = refusalOfMember(member, channel, right) ?? (state === undefined ? null : refusalOfState(state));
      return decided(refusal, placeOfMember(channel, member, state?.slowModeSeconds));
    });
  }
}

/** Whether it asks for what may change: who may not write now could again tomorrow. */
function isWriting(right: ChannelRight): boolean {
  return right === 'react' || right === 'post';
}

function changeOfMember(event: StreamEvent): StandingChange<MemberRecord | null> | null {
  if (ownerChanged.is(event)) {
    const { previous } = ownerChanged.read(event);
    return { member: previous.userId, state: previous };
  }
  if (!memberLeft.is(event)) return null;
  return { member: memberLeft.read(event).member.userId, state: null };
}

function refusalOfStranger({ kind }: Viewer): Outcome<never> {
  return failed(kind === 'anonymous' ? unauthenticated() : notFound('Channel'));
}

function decided(refusal: DomainError | null, place: ChannelPlace): Outcome<ChannelPlace> {
  return refusal === null ? succeeded(place) : failed(refusal);
}

function participantOf({ id, userId, displayName }: AttendeeRecord): Participant {
  return { id: userId ?? id, displayName };
}

function placeOfMember(channel: ChannelRecord, { userId, displayName, role }: MemberRecord, slowModeSeconds = 0): ChannelPlace {
  const moderates = role === 'OWNER';
  const participant = { id: userId, displayName };
  return { channel, participant, moderates, slowModeSeconds: moderates ? 0 : slowModeSeconds, attendee: null };
}
