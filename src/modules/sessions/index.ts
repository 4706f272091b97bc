/**
 * Live sessions and their life. `session.changed` on `sessionStream` carries the session as it is after each change, in the order of
 * the changes. Who takes part is the business of `attendees`; this room only keeps the count of seats.
 */
export { sessionIds, SessionService } from './session.service';
/** Around whatever looks for a session by a code that somebody gave. */
export { JoinCodeGuesses } from './join-code-guesses';
export { OrphanService } from './orphan.service';
export type { AttendeesVisible, SessionRecord } from './session.repository';
/** Ports: a higher room may do something with each session, knows who takes part, and where it is told what they do. Wired by `app`. */
export type { SessionActivity, SessionAudience, SessionCompanion } from './session.ports';
export { metadataChanged, notesChanged, sessionChanged, sessionStream } from './session.events';
export { notTheHost, sessionNotFound, sessionNotLive, sessionOver } from './session.errors';
export { canEdit, canRun, isHost, keepsNotes } from './session.policy';
/** Who may look after a session without a place in it. */
export type { Oversight } from './session.policy';
export { SessionOversight } from './session-oversight';
export { MAX_SLOW_MODE_SECONDS, SLOW_MODE_RANGE } from './session.input';
export { LIVE_STATUSES, OPEN_STATUSES } from './session.lifecycle';
export {
  EndSessionPayload,
  readerOf,
  readingAs,
  Session,
  SessionChanged,
  SessionMetadataChanged,
  SessionNotesChanged,
  toMetadataChanged,
  toNotesChanged,
  toSession,
  toSessionChanged,
} from './session.type';
