import type { StreamId } from '../../realtime/event';
import { defineEvent } from '../../realtime/event';
import type { QualityRecord } from './quality.repository';

/** A connection has come into another band. */
export const qualityChanged = defineEvent<{ quality: QualityRecord }>('quality.changed', { dates: ['quality.reportedAt'] });

/** All connections of a session. */
export function qualityStream(sessionId: string): StreamId {
  return `quality:${sessionId}`;
}
