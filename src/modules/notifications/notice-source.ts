import type { StreamEvent } from '../../realtime/event';
import type { RecordingTx } from '../../realtime/unit-of-work';
import type { NotificationDraft } from './notification.repository';

/** Knows what some kinds of event mean to whom. */
export interface NoticeSource {
  readonly types: readonly string[];
  /** Of events of these types alone, in their order. Whatever else it does is done by way of `tx`. */
  draftsOf(tx: RecordingTx, events: readonly StreamEvent[]): Promise<NotificationDraft[]>;
}

/** What is told once, and stands for itself. */
const PLAIN = {
  applicationType: null,
  organizationId: null,
  priority: 'NORMAL',
  body: null,
  link: null,
  subjectId: null,
  data: null,
  count: 1,
  lastOffset: 0,
  reopens: true,
} as const;

export function draft(given: Pick<NotificationDraft, 'userId' | 'key' | 'type' | 'title'> & Partial<NotificationDraft>): NotificationDraft {
  return { ...PLAIN, ...given };
}
