import type { Json, StreamId } from '../../realtime/event';
import { defineEvent } from '../../realtime/event';
import type { SessionRecord, SessionSettings } from './session.repository';

/** Where everything that happens to a session and its people is told, in order. */
export function sessionStream(sessionId: string): StreamId {
  return `session:${sessionId}`;
}

/** Of sessions that were told of before there were these settings. */
const FORMER_SETTINGS: SessionSettings = {
  questionApproval: false,
  anonymousQuestions: true,
  refuseDuplicates: false,
  chatEnabled: true,
  slowModeSeconds: 0,
  lobby: false,
  waitingList: false,
  duplicateIdentity: 'ALLOW_MANY',
  attendeesVisible: 'EVERYBODY',
  presenting: 'PRESENTERS',
  reactionEmojis: ['👍', '❤️', '😂', '👏', '🎉', '🤔'],
};

/** Of sessions that were told of before they had an end, a zone, pauses and a media mode, and could be deleted. */
const FORMER_REST = { mediaMode: 'MESH' as const, scheduledEndAt: null, timeZone: null, pausedAt: null, pausedMs: 0, deletedAt: null };

const DATES = ['scheduledFor', 'scheduledEndAt', 'startedAt', 'endedAt', 'pausedAt', 'deletedAt', 'createdAt'];

/** The session was created, edited, started, paused, resumed, ended, cancelled or deleted: as it now is. */
export const sessionChanged = defineEvent<{ session: SessionRecord }>('session.changed', {
  dates: DATES.map((name) => `session.${name}`),
  upgrade: ({ session }) => ({ session: { ...FORMER_SETTINGS, ...FORMER_REST, ...session } }),
});

/** The metadata as they now are. */
export const metadataChanged = defineEvent<{ metadata: Json; version: number }>('session.metadata_changed');

/** There are newer notes. The log does not keep what they say: who may read them reads them. */
export const notesChanged = defineEvent<{ version: number }>('session.notes_changed');
