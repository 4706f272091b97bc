import type { StreamId } from '../../realtime/event';
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
  reactionEmojis: ['👍', '❤️', '😂', '👏', '🎉', '🤔'],
};

/** The session was created, edited, started, paused, resumed, ended or cancelled: as it now is. */
export const sessionChanged = defineEvent<{ session: SessionRecord }>('session.changed', {
  dates: ['session.scheduledFor', 'session.startedAt', 'session.endedAt', 'session.createdAt'],
  upgrade: ({ session }) => ({ session: { ...FORMER_SETTINGS, ...session } }),
});
