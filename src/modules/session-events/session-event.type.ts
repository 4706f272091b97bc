import { createUnionType } from 'type-graphql';
import { StreamOpened, toStreamOpened } from '../../graphql/stream-event';
import type { StreamEvent } from '../../realtime/event';
import type { Standpoint } from '../attendees';
import {
  AttendeeChanged,
  attendeeChanged,
  AttendeeJoined,
  attendeeJoined,
  AttendeeLeft,
  attendeeLeft,
  toAttendeeChanged,
  toAttendeeJoined,
  AttendeeStoppedWaiting,
  attendeeStoppedWaiting,
  AttendeeWaiting,
  attendeeWaiting,
  toAttendeeLeft,
  toAttendeeStoppedWaiting,
  toAttendeeWaiting,
} from '../attendees';
import { PollChanged, pollChanged, pollDeleted, toPollChanged } from '../polls';
import {
  QuestionChanged,
  questionChanged,
  questionDeleted,
  QuestionReportsChanged,
  reportsChanged,
  toQuestionChanged,
  toQuestionReportsChanged,
} from '../questions';
import {
  metadataChanged,
  notesChanged,
  SessionChanged,
  sessionChanged,
  SessionMetadataChanged,
  SessionNotesChanged,
  toMetadataChanged,
  toNotesChanged,
  toSessionChanged,
} from '../sessions';
import type { SeenItem } from './session-events.service';

export const SessionEvent = createUnionType({
  name: 'SessionEvent',
  description: 'What happens in a session, in order.',
  types: () =>
    [
      StreamOpened,
      SessionChanged,
      SessionMetadataChanged,
      SessionNotesChanged,
      AttendeeJoined,
      AttendeeLeft,
      AttendeeChanged,
      AttendeeWaiting,
      AttendeeStoppedWaiting,
      QuestionChanged,
      QuestionReportsChanged,
      PollChanged,
    ] as const,
});

type Mapping = (event: StreamEvent, standpoint: Standpoint | null) => typeof SessionEvent;

const MAPPINGS: Readonly<Record<string, Mapping>> = {
  [sessionChanged.type]: toSessionChanged,
  [metadataChanged.type]: toMetadataChanged,
  [notesChanged.type]: toNotesChanged,
  [attendeeJoined.type]: toAttendeeJoined,
  [attendeeLeft.type]: toAttendeeLeft,
  [attendeeChanged.type]: toAttendeeChanged,
  [attendeeWaiting.type]: toAttendeeWaiting,
  [attendeeStoppedWaiting.type]: toAttendeeStoppedWaiting,
  [questionChanged.type]: toQuestionChanged,
  [questionDeleted.type]: toQuestionChanged,
  [reportsChanged.type]: toQuestionReportsChanged,
  [pollChanged.type]: toPollChanged,
  [pollDeleted.type]: toPollChanged,
};

export function toSessionEvent({ item, standpoint }: SeenItem): typeof SessionEvent {
  if (item.kind === 'opened') return toStreamOpened(item);
  const map = MAPPINGS[item.event.type];
  if (map === undefined) throw new Error(`A session's stream holds an event of type ${item.event.type}`);
  return map(item.event, standpoint);
}
