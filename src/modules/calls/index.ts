/**
 * Calls between two attendees: who rings whom, and what becomes of it. Each change is an event on the streams of both, so that every device
 * knows. The connection itself is made by signals.
 */
export { CallService } from './call.service';
export { callStream } from './call.events';
