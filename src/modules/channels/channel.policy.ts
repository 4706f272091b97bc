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
export function refusalOfAttendee(attendee: AttendeeRecord, right: ChannelRight): DomainError | null {
  return right === 'view' && attendee.status !== 'REMOVED' ? null : refusalOf(attendee);
}

export function refusalOfSession({ status }: Pick<SessionRecord, 'status'>): DomainError | null {
  return OPEN_STATUSES.includes(status) ? null : sessionOver(status);
}

export function refusalOfMember(member: MemberRecord, channel: ChannelRecord, right: ChannelRight): DomainError | null {
  return right === 'post' && channel.type === 'BROADCAST' && member.role !== 'OWNER' ? notChannelOwner() : null;
}
