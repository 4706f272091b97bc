/**
 * Live sessions and their life. `session.changed` on `sessionStream` carries the session as it is after each change, in the order of
 * the changes. Who takes part is the business of `attendees`; this room only keeps the count of seats.
 */
export { sessionIds, SessionService } from './session.service';
export type { SessionRecord } from './session.repository';
/** Ports: a higher room may make something with each session, and knows who takes part. Wired by `app`. */
export type { SessionAudience, SessionCompanion } from './session.ports';
export { sessionChanged, sessionStream } from './session.events';
export { sessionNotFound, sessionNotLive, sessionOver } from './session.errors';
export { canRun, isHost } from './session.policy';
export { LIVE_STATUSES, OPEN_STATUSES } from './session.lifecycle';
export { EndSessionPayload, readerOf, Session, SessionChanged, toSession, toSessionChanged } from './session.type';
