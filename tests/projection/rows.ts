import { accountRows } from './accounts';
import { attendeeRows } from './attendees';
import { callRows } from './calls';
import { channelRows } from './channels';
import { collaborationRows } from './collaboration';
import { messageRows } from './messages';
import { notificationRows } from './notifications';
import { organizationRows } from './organizations';
import { pollRows } from './polls';
import { questionRows } from './questions';
import type { Row, Rows } from './row';
import { sessionRows } from './sessions';
import { signalingRows } from './signaling';

/** By the room whose mutations they are. */
const ROOMS: readonly Rows[] = [
  accountRows,
  organizationRows,
  sessionRows,
  attendeeRows,
  channelRows,
  messageRows,
  questionRows,
  pollRows,
  collaborationRows,
  signalingRows,
  notificationRows,
  callRows,
];

export const ROWS: ReadonlyMap<string, Row> = new Map(ROOMS.flatMap((rows) => Object.entries(rows)));
