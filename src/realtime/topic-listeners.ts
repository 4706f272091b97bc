import type { Unsubscribe } from './bus';
import { describeError } from './outage-log';
import type { Log } from './outage-log';

type Listener = (message: string) => void;

/** This process's listeners by topic: what every bus backend delivers to. */
export class TopicListeners {
  private readonly topics = new Map<string, Map<symbol, Listener>>();

  constructor(private readonly log: Log = () => undefined) {}

  get size(): number {
    return this.topics.size;
  }

  has(topic: string): boolean {
    return this.topics.has(topic);
  }

  /** `onLast` is called when this listener leaves and was the topic's last. */
  add(topic: string, listener: Listener, onLast: () => void = () => undefined): Unsubscribe {
    const listeners = this.topics.get(topic) ?? new Map<symbol, Listener>();
    this.topics.set(topic, listeners);
    const key = Symbol(topic);
    listeners.set(key, listener);
    return () => {
      if (!listeners.delete(key) || listeners.size > 0) return;
      this.topics.delete(topic);
      onLast();
    };
  }

  /** Who joins meanwhile does not get this message; who leaves meanwhile neither. */
  deliver(topic: string, message: string): void {
    const listeners = this.topics.get(topic);
    if (listeners === undefined) return;
    for (const [key, listener] of [...listeners]) {
      if (!listeners.has(key)) continue;
      try {
        listener(message);
      } catch (error) {
        this.log('A bus listener failed.', { topic, detail: describeError(error) });
      }
    }
  }

  clear(): void {
    for (const listeners of this.topics.values()) listeners.clear();
    this.topics.clear();
  }
}
