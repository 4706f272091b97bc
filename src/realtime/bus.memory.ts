import { unavailable } from '../errors/domain-error';
import type { Bus, BusStatus, Unsubscribe } from './bus';
import type { Log } from './outage-log';
import { OutgoingQueue } from './outgoing-queue';
import { TopicListeners } from './topic-listeners';

/** The bus of a single process. Delivers in a later turn of the event loop, in order; nothing is ever lost but by overflow. */
export class MemoryBus implements Bus {
  readonly kind = 'memory';
  private readonly listeners: TopicListeners;
  private readonly outgoing = new OutgoingQueue({
    maxBatch: Infinity,
    send: (batch) => {
      for (const { topic, message } of batch) this.listeners.deliver(topic, message);
      // Listeners who answer with messages must not keep the event loop from everything else.
      return new Promise(setImmediate);
    },
  });
  private closed = false;

  constructor({ log }: { log?: Log } = {}) {
    this.listeners = new TopicListeners(log);
  }

  publish(topic: string, message: string): void {
    this.outgoing.push(topic, message);
  }

  subscribe(topic: string, listener: (message: string) => void): Promise<Unsubscribe> {
    return this.closed ? Promise.reject(unavailable('SHUTTING_DOWN')) : Promise.resolve(this.listeners.add(topic, listener));
  }

  /** There is nothing to lose touch with. */
  onReconnect(): Unsubscribe {
    return () => undefined;
  }

  status(): BusStatus {
    return {
      state: this.closed ? 'degraded' : 'up',
      detail: this.closed ? 'closed' : 'in this process',
      topics: this.listeners.size,
      ...this.outgoing.stats,
    };
  }

  close(): Promise<void> {
    this.closed = true;
    this.outgoing.close();
    this.listeners.clear();
    return Promise.resolve();
  }
}
