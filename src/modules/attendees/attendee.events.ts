import type { EventKind, StreamEvent } from '../../realtime/event';
import { defineEvent } from '../../realtime/event';
import type { AttendeesVisible } from '../sessions';
import { canModerate, hasCome, sees, sightOf } from './attendee.policy';
import type { AttendeeRecord, LeaveReason } from './attendee.repository';

/** Somebody in a session, and whom the attendees of it saw when it happened. */
export interface AttendeeNews {
  readonly attendee: AttendeeRecord;
  readonly visible: AttendeesVisible;
}

export type StayEnd = Exclude<LeaveReason, 'ended' | 'denied'>;
export type WaitEnd = 'left' | 'removed' | 'banned' | 'denied';

const dates = ['attendee.joinedAt', 'attendee.leftAt', 'attendee.createdAt', 'attendee.handRaisedAt'];

/** Of attendees that were told of before there was this to tell. */
const FORMER = { handRaisedAt: null, waitingFor: null, ticket: null, muted: false, silenced: false };

function upgrade<News extends AttendeeNews>(news: News): News {
  return { ...news, visible: news.visible ?? 'EVERYBODY', attendee: { ...FORMER, ...news.attendee } };
}

/**
 * On the session's stream. Each joining is followed by one leaving, and none joins twice without leaving between. Those who stay to the end
 * leave with it: `session.changed` to COMPLETED or CANCELLED is the leaving of everybody still in, with the reason `ended`.
 */
export const attendeeJoined = defineEvent<AttendeeNews>('attendee.joined', { dates, upgrade });
export const attendeeLeft = defineEvent<AttendeeNews & { reason: StayEnd }>('attendee.left', { dates, upgrade });
/** Hand raised or lowered, role changed, muted, readmitted; or removed or banned while not present. */
export const attendeeChanged = defineEvent<AttendeeNews>('attendee.changed', { dates, upgrade });
/**
 * For who keeps order alone. Somebody waits to be let in, or for a seat. It ends with their joining, with `attendee.stopped_waiting`, or
 * with the session; who was let in and finds no seat begins to wait for one without an end between.
 */
export const attendeeWaiting = defineEvent<AttendeeNews>('attendee.waiting', { dates, upgrade });
export const attendeeStoppedWaiting = defineEvent<AttendeeNews & { reason: WaitEnd }>('attendee.stopped_waiting', { dates, upgrade });

const OPEN_NEWS: readonly EventKind<AttendeeNews>[] = [attendeeJoined, attendeeLeft, attendeeChanged];
const QUEUE_NEWS: readonly EventKind<AttendeeNews>[] = [attendeeWaiting, attendeeStoppedWaiting];
const ALL_NEWS = [...OPEN_NEWS, ...QUEUE_NEWS];

/** What the event tells of somebody; null when it is of something else. */
export function attendeeNewsIn(event: StreamEvent): AttendeeNews | null {
  return ALL_NEWS.find((kind) => kind.is(event))?.read(event) ?? null;
}

/** Whether it is for everybody who follows the session. */
export function isForEverybody(event: StreamEvent): boolean {
  const news = attendeeNewsIn(event);
  return news === null || (!isOfQueue(event) && news.visible === 'EVERYBODY' && hasCome(news.attendee));
}

/** Whether it is for this attendee; null: for who looks after the session. Of events of something else, always. */
export function isForAttendee(place: AttendeeRecord | null, event: StreamEvent): boolean {
  const news = attendeeNewsIn(event);
  if (news === null || place === null || place.id === news.attendee.id) return true;
  if (isOfQueue(event)) return canModerate(place);
  return sees(sightOf(place, news.visible), news.attendee);
}

function isOfQueue(event: StreamEvent): boolean {
  return QUEUE_NEWS.some((kind) => kind.is(event));
}
