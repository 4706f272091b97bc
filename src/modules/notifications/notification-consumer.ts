import type { Consumer } from '../../realtime/consumer';
import type { StreamEvent } from '../../realtime/event';
import type { RecordingTx } from '../../realtime/unit-of-work';
import type { NoticeSource } from './notice-source';
import type { Notifier } from './notifier';

/** Makes notifications of what happens. Reading an event again makes none anew: so a rebuild takes nothing back first. */
export class NotificationConsumer implements Consumer {
  readonly name = 'notifications';
  readonly begins = 'now';
  readonly types: readonly string[];

  constructor(
    private readonly sources: readonly NoticeSource[],
    private readonly notifier: Notifier,
  ) {
    this.types = sources.flatMap(({ types }) => types);
  }

  async handle(tx: RecordingTx, events: readonly StreamEvent[]): Promise<void> {
    for (const source of this.sources) {
      const own = events.filter(({ type }) => source.types.includes(type));
      if (own.length > 0) await this.notifier.tell(tx, await source.draftsOf(tx, own));
    }
  }
}
