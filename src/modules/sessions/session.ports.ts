import type { Viewer } from '../../lib/viewer';
import type { Db, Tx } from '../../persistence/database';
import type { StreamId } from '../../realtime/event';
import type { RecordingTx } from '../../realtime/unit-of-work';
import type { SessionRecord } from './session.repository';

/** What a higher room does together with each session, in the same transaction: both happen, or neither does. */
export interface SessionCompanion {
  sessionCreated?(tx: RecordingTx, session: SessionRecord): Promise<void>;
  /** It was edited: as it now is, and held. */
  sessionUpdated?(tx: RecordingTx, session: SessionRecord): Promise<void>;
  /** It was made as a copy: what was prepared in the one is prepared in the other. After `sessionCreated`. */
  sessionDuplicated?(tx: RecordingTx, source: SessionRecord, copy: SessionRecord): Promise<void>;
  /** It was completed or cancelled. */
  sessionOver?(tx: RecordingTx, session: SessionRecord): Promise<void>;
  /** It was over, and is deleted. */
  sessionDeleted?(tx: RecordingTx, session: SessionRecord): Promise<void>;
}

/** Asked of rooms above: where, beside the session's own stream, is told what people do in it? */
export interface SessionActivity {
  streamsOf(tx: Tx, sessionId: string): Promise<readonly StreamId[]>;
}

/** Asked of the room above that knows who takes part: taking part gives the right to read a session. */
export interface SessionAudience {
  /** Whether the viewer has a place in the session and was not removed from it. */
  includes(db: Db, viewer: Viewer, sessionId: string): Promise<boolean>;
  /** All sessions that `includes` the viewer, in no order. */
  listSessionIds(db: Db, viewer: Viewer): Promise<string[]>;
}
