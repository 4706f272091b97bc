/**
 * Live sessions and their life. `session.changed` on `sessionStream` carries the session as it is after each change, in the order of
 * the changes. Who takes part is the business of `attendees`; this room only keeps the count of seats.
 */
export { sessionIds, SessionService } from './session.service';
export { OrphanService } from './orphan.service';
export type { SessionRecord } from './session.repository';
/** Ports: a higher room may do something with each session, knows who takes part, and where it is told what they do. Wired by `app`. */
export type { SessionActivity, SessionAudience, SessionCompanion } from './session.ports';
export { sessionChanged, sessionStream } from './session.events';
export { sessionNotFound, sessionNotLive, sessionOver } from './session.errors';
export { canRun, isHost } from './session.policy';
export { LIVE_STATUSES, OPEN_STATUSES } from './session.lifecycle';
export { EndSessionPayload, readerOf, Session, SessionChanged, toSession, toSessionChanged } from './session.type';
