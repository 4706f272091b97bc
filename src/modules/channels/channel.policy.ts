import type { DomainError } from '../../errors/domain-error';
import type { AttendeeRecord } from '../attendees';
import { attendeeSilenced, refusalOf } from '../attendees';
import type { SessionRecord } from '../sessions';
import { OPEN_STATUSES, sessionOver } from '../sessions';
import { notChannelOwner, ownerCannotLeave } from './channel.errors';
import type { ChannelRecord, MemberRecord } from './channel.repository';

/** `view`: know that it is there. `read`: what is written. `react`: answer with a sign. `post`: write. Each includes the one before. */
export type ChannelRight = 'view' | 'read' | 'react' | 'post';

/** Whoever has a place in a session knows its channel; who is present reads it, and writes in it until the session is over. */
export function refusalOfAttendee(attendee: AttendeeRecord, right: ChannelRight): DomainError | null {
  if (right === 'view' && attendee.status !== 'REMOVED') return null;
  const refusal = refusalOf(attendee);
  return refusal === null && right === 'post' && attendee.silenced ? attendeeSilenced() : refusal;
}

export function refusalOfSession({ status }: Pick<SessionRecord, 'status'>): DomainError | null {
  return OPEN_STATUSES.includes(status) ? null : sessionOver(status);
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
  return right === 'post' && channel.type === 'BROADCAST' && member.role !== 'OWNER' ? notChannelOwner() : null;
}
