/** The one stream that tells everything of a session: it sees the rooms whose events it carries, and none of them sees it. */
export { SessionEvent } from './session-event.type';
export { SessionEventsService } from './session-events.service';
