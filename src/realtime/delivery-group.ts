import type { StreamEvent } from './event';
import type { LiveListener, LiveStream } from './live-stream';

/** One event as everybody in the group gets it. */
export interface Rendered<Payload> {
  readonly offset: number;
  readonly payload: Payload;
}

/** The events of one event-loop turn, with room for what members make of them in common. */
export class Batch<Payload> {
  private readonly memory = new Map<unknown, unknown>();

  constructor(readonly items: readonly Rendered<Payload>[]) {}

  /** Computes once per batch and key, however many members ask. */
  once<T>(key: unknown, compute: (items: readonly Rendered<Payload>[]) => T): T {
    if (!this.memory.has(key)) this.memory.set(key, compute(this.items));
    return this.memory.get(key) as T;
  }
}

export interface Member<Payload> {
  /** Everything up to here it has received: by itself before it joins; then the group moves it on. */
  reached: number;
  /** Must not throw or wait: whoever cannot take it is ended by its own bounds. */
  deliver(batch: Batch<Payload>): void;
  /** The group carries it no further. Must not throw; what follows from it waits for its turn. */
  letGo(): void;
}

export interface DeliveryGroupOptions<Payload> {
  readonly live: LiveStream;
  readonly accept: ((event: StreamEvent) => boolean) | undefined;
  /** False for an event that members must read for themselves. */
  readonly shares: ((event: StreamEvent) => boolean) | undefined;
  /** Must not throw or reject. */
  readonly render: (event: StreamEvent) => Payload | Promise<Payload>;
  /** The last member has left; the group is of no use any more. */
  readonly onEmpty: () => void;
}

/**
 * Subscribers of one stream whose events look the same: each event is rendered once, and all events of one event-loop turn go to each
 * member in one call.
 *
 * Promises: a member gets every accepted event after its own offset, in order, once, however long rendering takes; joining and leaving
 * disturb nobody. When an event is not for sharing or the stream is lost, the group lets its members go, each with the offset it has reached, and
 * they read on by themselves.
 */
export class DeliveryGroup<Payload> implements LiveListener {
  private readonly members = new Set<Member<Payload>>();
  private readonly stopListening: () => void;
  private ready: Rendered<Payload>[] = [];
  private flushing: NodeJS.Immediate | null = null;
  /** Events whose rendering takes more than the moment, in order; null when there are none. */
  private rendering: Promise<void> | null = null;
  private open = true;

  constructor(private readonly options: DeliveryGroupOptions<Payload>) {
    this.stopListening = options.live.listen(this);
  }

  get size(): number {
    return this.members.size;
  }

  /** Carries the member until it leaves or is let go. */
  join(member: Member<Payload>): void {
    this.members.add(member);
  }

  /** Idempotent. What was rendered in this turn is still delivered to the others. */
  leave(member: Member<Payload>): void {
    if (!this.members.delete(member)) return;
    member.letGo();
    if (this.members.size === 0) this.close();
  }

  /** Not for members: what the live stream tells. */
  hear(event: StreamEvent | null): void {
    if (event === null || this.options.shares?.(event) === false) this.dissolve();
    else if (this.options.accept?.(event) !== false) this.enqueue(event);
  }

  /** Renders at once where that is possible; behind something that takes longer, everything waits its turn. */
  private enqueue(event: StreamEvent): void {
    if (this.rendering !== null)
      return this.addLater(
        event.offset,
        this.rendering.then(() => this.options.render(event)),
      );
    const payload = this.options.render(event);
    if (payload instanceof Promise) this.addLater(event.offset, payload);
    else this.add(event.offset, payload);
  }

  private addLater(offset: number, rendering: Promise<Payload>): void {
    const done = rendering.then((payload) => {
      if (this.rendering === done) this.rendering = null;
      this.add(offset, payload);
    });
    this.rendering = done;
  }

  private add(offset: number, payload: Payload): void {
    if (!this.open) return;
    this.ready.push({ offset, payload });
    this.flushing ??= setImmediate(() => this.flush());
  }

  private flush(): void {
    this.flushing = null;
    const batch = new Batch(this.ready);
    this.ready = [];
    const first = batch.items[0]?.offset ?? 0;
    const last = batch.items.at(-1)?.offset ?? 0;
    for (const member of this.members) {
      const { reached } = member;
      if (reached >= last) continue;
      member.reached = last;
      member.deliver(reached < first ? batch : new Batch(batch.items.filter((item) => item.offset > reached)));
    }
  }

  /** Lets everybody go where they stand. */
  private dissolve(): void {
    if (this.ready.length > 0) this.flush();
    for (const member of [...this.members]) this.leave(member);
  }

  private close(): void {
    if (!this.open) return;
    this.open = false;
    this.stopListening();
    if (this.flushing !== null) clearImmediate(this.flushing);
    this.options.onEmpty();
  }
}
