/** How well attendees are connected, by their own reports: scores, bands, hints for senders, and what is done about connections that fail. */
export { QualityService } from './quality.service';
export { qualityStream } from './quality.events';
