import type { StreamId } from '../../realtime/event';
import { defineEvent } from '../../realtime/event';
import type { CallRecord } from './call.repository';

/** A call was made, answered, held, resumed or ended: as it now is. On the streams of both sides. */
export const callChanged = defineEvent<{ call: CallRecord }>('call.changed', {
  dates: ['call.createdAt', 'call.ringsUntil', 'call.answeredAt', 'call.endedAt'],
});

const KIND = 'calls:';

/** One attendee's calls. All their devices read it. */
export function callStream(attendeeId: string): StreamId {
  return `${KIND}${attendeeId}`;
}

/** Whose stream it is. */
export function attendeeAt(stream: StreamId): string {
  return stream.slice(KIND.length);
}
