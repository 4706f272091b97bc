import { Field, Int, ObjectType } from 'type-graphql';
import type { Viewer } from '../../lib/viewer';
import type { SessionRecord } from '../sessions';
import type { Wait } from './admission.service';
import type { AttendeeRecord, WaitReason } from './attendee.repository';
import { Attendee, AttendeePageType, toAttendee } from './attendee.type';

@ObjectType({ description: "The caller's own place in a session while they wait, and the one after." })
export class Waiting {
  @Field(() => Attendee, { description: 'The caller. No longer WAITING: they are in, or were sent away.' })
  attendee!: Attendee;

  @Field(() => Int, {
    nullable: true,
    description: 'Where they stand among those who wait for the same: 1 is next. Null for who does not wait.',
  })
  place!: number | null;
}

export function toWaiting({ attendee, place }: Wait): Waiting {
  return Object.assign(new Waiting(), { attendee: toAttendee(attendee), place });
}

@ObjectType({ description: 'A page of those who wait in a session, the longest first.' })
export class WaitingConnection extends AttendeePageType {
  /** For `totalCount`; no field of the schema. */
  line!: { readonly session: SessionRecord; readonly reader: Viewer; readonly waitFor: WaitReason };
}

@ObjectType({ description: 'What a command on all who wait in the lobby answers.' })
export class LobbyPayload {
  @Field(() => Int, { description: 'Whom it reached; at most 1,000 at once.' })
  count!: number;

  @Field(() => Int, { description: 'How many of these wait for a seat now.' })
  waiting!: number;
}

export function toLobbyPayload(attendees: readonly AttendeeRecord[]): LobbyPayload {
  const waiting = attendees.filter(({ status }) => status === 'WAITING').length;
  return Object.assign(new LobbyPayload(), { count: attendees.length, waiting });
}
