import { Field, Int, ObjectType } from 'type-graphql';
import { DateTime } from '../../graphql/scalars';
import { Attendee, toAttendee } from './attendee.type';
import type { Online, OnlineState } from './presence.service';

@ObjectType({ description: 'Somebody who is connected: they follow something in the session, or polled it a moment ago.' })
export class OnlineAttendee {
  @Field(() => Attendee, { description: 'Who.' })
  attendee!: Attendee;

  @Field(() => DateTime, { description: 'Since when, without being away for longer than the grace of 20 seconds.' })
  since!: Date;
}

@ObjectType({ description: 'Who is connected to a session.' })
export class Presence {
  @Field(() => Int, { description: 'How many, whether the caller sees each of them or not.' })
  count!: number;

  @Field(() => [OnlineAttendee], { description: 'Whom of them the caller sees, the longest first, at most 500.', complexity: 0 })
  online!: OnlineAttendee[];
}

@ObjectType({ description: 'How many are connected to a session.' })
export class PresenceCount {
  @Field(() => Int, { description: 'How many.' })
  count!: number;
}

export function toOnlineAttendee({ attendee, since }: Online): OnlineAttendee {
  return Object.assign(new OnlineAttendee(), { attendee: toAttendee(attendee), since });
}

export function toPresence({ count, online }: OnlineState): Presence {
  return Object.assign(new Presence(), { count, online: online.map(toOnlineAttendee) });
}

export function toPresenceCount(count: number): PresenceCount {
  return Object.assign(new PresenceCount(), { count });
}
