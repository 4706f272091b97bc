/**
 * Signaling between the peers of a live session. Signals are durable for a minute, in order, in each receiver's own inbox; the server
 * says who sent them and passes on only what WebRTC can read.
 */
export { inboxStream, signalSent } from './signal.events';
export type { SignalSent } from './signal.events';
export { SignalType } from './signal-payload';
export { SignalingService } from './signaling.service';
