import type { DomainError } from '../../errors/domain-error';
import type { AttendeeRecord } from '../attendees';
import { refusalOf } from '../attendees';
import type { SessionRecord } from '../sessions';
import { OPEN_STATUSES, sessionOver } from '../sessions';
import { notChannelOwner } from './channel.errors';
import type { ChannelRecord, MemberRecord } from './channel.repository';

/** `view`: know that it is there. `read`: what is written. `post`: write. Each includes the one before. */
export type ChannelRight = 'view' | 'read' | 'post';

/** Whoever has a place in a session knows its channel; who is present reads it, and writes in it until the session is over. */
export function refusalOfAttendee(attendee: AttendeeRecord, session: SessionRecord, right: ChannelRight): DomainError | null {
  if (attendee.status === 'REMOVED') return refusalOf(attendee);
  if (right === 'view') return null;
  const closed = right === 'post' && !OPEN_STATUSES.includes(session.status);
  return refusalOf(attendee) ?? (closed ? sessionOver(session.status) : null);
}

export function refusalOfMember(member: MemberRecord, channel: ChannelRecord, right: ChannelRight): DomainError | null {
  return right === 'post' && channel.type === 'BROADCAST' && member.role !== 'OWNER' ? notChannelOwner() : null;
}
