import type { Ending } from '../../src/lib/ending';
import type { Database } from '../../src/persistence/database';
import { EventLog } from '../../src/realtime/event-log';
import { LiveStream } from '../../src/realtime/live-stream';
import type { FollowedStream } from '../../src/realtime/subscription';
import { Subscription } from '../../src/realtime/subscription';

const EPOCH = 'aaaaaaaaaaaa';

/** A stream that many follow and the test writes, all in memory. */
export class TestStream {
  private readonly log = new EventLog({} as Database);
  private readonly live = new LiveStream('test:1', { epoch: EPOCH, head: 0, tail: 0 }, this.log, { gaps: 0, logReads: 0 });

  get head(): number {
    return this.live.position.offset;
  }

  /** The next so many events, in one commit. */
  publish(count = 1): void {
    const events = Array.from({ length: count }, (_, n) => ({
      stream: this.live.id,
      epoch: EPOCH,
      offset: this.head + 1 + n,
      type: 'test.ticked',
      version: 1,
      payload: {},
      at: new Date(0),
    }));
    this.live.committed(events);
  }

  /** From now on, the same for everybody. */
  follow(signal: Ending): FollowedStream {
    const { live, log } = this;
    const opened = { kind: 'opened', position: live.position, at: new Date(0), recovered: true } as const;
    const audience = { key: 'all' };
    return new Subscription({ live, log, from: live.position, opened, signal, accept: undefined, audience, onEnd: () => undefined });
  }
}
