import type { DomainError } from '../../errors/domain-error';
import type { AttendeeRecord } from '../attendees';
import { attendeeSilenced, refusalOf } from '../attendees';
import type { SessionRecord } from '../sessions';
import { OPEN_STATUSES, sessionOver } from '../sessions';
import { channelArchived, chatOff, notChannelOwner, ownerCannotLeave } from './channel.errors';
import type { ChannelRecord, ChannelState, MemberRecord } from './channel.repository';

/**
 * `view`: know that it is there. `read`: what is written. `react`: answer with a sign. `post`: write. Each includes the one before. `speak`: be
 * one of those who write, also while nobody may.
 */
export type ChannelRight = 'view' | 'read' | 'react' | 'post' | 'speak';

/** Whoever has a place in a session knows its channel; who is present reads it, and writes in it until the session is over, unless the chat is off. */
export function refusalOfAttendee(attendee: AttendeeRecord, right: ChannelRight): DomainError | null {
  if (right === 'view' && attendee.status !== 'REMOVED') return null;
  const refusal = refusalOf(attendee);
  return refusal === null && right === 'post' && attendee.silenced ? attendeeSilenced() : refusal;
}

export function refusalOfSession({ status, chatEnabled }: Pick<SessionRecord, 'status' | 'chatEnabled'>): DomainError | null {
  if (!OPEN_STATUSES.includes(status)) return sessionOver(status);
  return chatEnabled ? null : chatOff();
}

export function refusalOfState({ archivedAt }: Pick<ChannelState, 'archivedAt'>): DomainError | null {
  return archivedAt === null ? null : channelArchived();
}

/** In a shared channel any member brings others in; elsewhere its owner names them. */
export function refusalOfAdding(member: MemberRecord, { type }: Pick<ChannelRecord, 'type'>): DomainError | null {
  return type === 'SHARED' ? null : refusalOfOwning(member);
}

/** Removing others and handing the channel over is for its owner. */
export function refusalOfOwning({ role }: Pick<MemberRecord, 'role'>): DomainError | null {
  return role === 'OWNER' ? null : notChannelOwner();
}

/** A channel without an owner would be nobody's. */
export function refusalOfLeaving({ role }: Pick<MemberRecord, 'role'>): DomainError | null {
  return role === 'OWNER' ? ownerCannotLeave() : null;
}

export function refusalOfMember(member: MemberRecord, channel: ChannelRecord, right: ChannelRight): DomainError | null {
  const writes = right === 'post' || right === 'speak';
  return writes && channel.type === 'BROADCAST' && member.role !== 'OWNER' ? notChannelOwner() : null;
}
