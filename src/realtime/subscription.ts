import { deferred } from '../lib/deferred';
import type { Deferred } from '../lib/deferred';
import type { Ending } from '../lib/ending';
import { DeliveryGroup } from './delivery-group';
import type { Batch, Member } from './delivery-group';
import type { Position, StreamEvent, StreamId, StreamItem } from './event';
import { PAGE_SIZE } from './live-stream';
import type { EventLog } from './event-log';
import type { LiveListener, LiveStream } from './live-stream';

/** How far a subscriber may fall behind the live stream before it is cut off; it resumes by cursor. */
export const MAX_LAG_EVENTS = 1_000;
export const MAX_LAG_BYTES = 1_000_000;

/** The reader could not keep up. Transports end its connection with 1013. */
export class SlowSubscriber extends Error {
  constructor() {
    super('the subscriber fell too far behind');
    this.name = 'SlowSubscriber';
  }
}

/** Whose eyes an item is for, when it is the same for many. */
export interface Audience {
  /** Everything about the viewer that the items may depend on: equal keys of one stream see the same. */
  readonly key: string;
  /** False for the events that look different to each viewer all the same. Default: none. */
  readonly shares?: (event: StreamEvent) => boolean;
}

/** For whom a group delivers while its reader rides with it. */
export interface Passenger<Payload> {
  /** Must not throw or wait. */
  takeShared(batch: Batch<Payload>): void;
  /** The reader has ended, or must read on by itself. */
  dismounted(): void;
}

/** Whoever is told that a reader is too slow. */
export interface OverflowListener {
  onTooSlow(): void;
}

/** A source of stream items that can be told to be too slow even while its reader is stuck in a write. */
export interface FollowedStream extends AsyncIterableIterator<StreamItem> {
  readonly stream: StreamId;
  /** Whether the reader fell behind by more than the bounds. */
  readonly overflowed: { readonly aborted: boolean };
  /** Called at once when that happens, though the reader may be stuck. One listener; none is called late. */
  onOverflow: OverflowListener | null;
  /** Null: the items are for this reader alone. */
  readonly audience: Audience | null;
  /** Whether everything known has been handed out: the moment to ride with a group. */
  readonly standsAtHead: boolean;
  /** A group for readers that stand at the head of this stream, with this reader's audience. */
  createGroup<Payload>(render: (item: StreamItem) => Payload | Promise<Payload>, onEmpty: () => void): DeliveryGroup<Payload>;
  /** Lets the group deliver from here on, until this reader has ended or must read on by itself. */
  ride<Payload>(group: DeliveryGroup<Payload>, passenger: Passenger<Payload>): void;
}

export interface SubscriptionOptions {
  readonly live: LiveStream;
  readonly log: EventLog;
  /** Where the reader stands: everything up to it has been received. */
  readonly from: Position;
  readonly opened: Extract<StreamItem, { kind: 'opened' }>;
  readonly signal: Ending;
  readonly accept: ((event: StreamEvent) => boolean) | undefined;
  readonly audience: Audience | null;
  readonly onEnd: (subscription: Subscription) => void;
}

/**
 * One reader's way through a stream. It holds no queue: only a position, from which it reads the shared tail, or pages of the log
 * while it is further behind. So a reader costs the same whether it is fast or stuck, and order and completeness follow from the
 * position alone: the next item is always the one after it.
 */
export class Subscription implements FollowedStream, LiveListener, Member<unknown> {
  onOverflow: OverflowListener | null = null;
  reached = 0;
  private overflow: SlowSubscriber | null = null;
  private offset: number;
  /** What is told before the next event. */
  private opened: StreamItem | null;
  private page: StreamEvent[] = NONE;
  private wake: Deferred | null = null;
  /** The group that delivers for this reader, while one does. */
  private group: DeliveryGroup<unknown> | null = null;
  private passenger: Passenger<unknown> | null = null;
  /** Bytes the live stream had passed when this reader last stood at its head; null while it is still replaying. */
  private bytesAtHead: number | null = null;
  private ended = false;

  private readonly options: Omit<SubscriptionOptions, 'from' | 'opened'>;

  constructor({ from, opened, ...options }: SubscriptionOptions) {
    this.options = options;
    this.offset = from.offset;
    this.opened = opened;
    options.live.listen(this);
    if (options.signal.aborted) this.end();
    else options.signal.addEventListener('abort', this);
  }

  get overflowed(): { readonly aborted: boolean } {
    return { aborted: this.overflow !== null };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<StreamItem, undefined>> {
    while (!this.ended) {
      const item = this.takeOpened() ?? (await this.nextEvent());
      if (item !== null) return { value: item, done: false };
    }
    if (this.overflow !== null) throw this.overflow;
    return { value: undefined, done: true };
  }

  return(): Promise<IteratorResult<StreamItem, undefined>> {
    this.end();
    return Promise.resolve({ value: undefined, done: true });
  }

  get stream(): StreamId {
    return this.options.live.id;
  }

  get audience(): Audience | null {
    return this.options.audience;
  }

  get standsAtHead(): boolean {
    const { live } = this.options;
    return !this.ended && this.opened === null && this.page.length === 0 && this.offset >= live.position.offset;
  }

  createGroup<Payload>(render: (item: StreamItem) => Payload | Promise<Payload>, onEmpty: () => void): DeliveryGroup<Payload> {
    const { live, accept, audience } = this.options;
    return new DeliveryGroup({ live, accept, shares: audience?.shares, render: (event) => render({ kind: 'event', event }), onEmpty });
  }

  ride<Payload>(group: DeliveryGroup<Payload>, passenger: Passenger<Payload>): void {
    this.reached = this.offset;
    this.group = group;
    this.passenger = passenger;
    group.join(this);
  }

  /** Not for readers: what the group calls. */
  deliver(batch: Batch<unknown>): void {
    this.passenger?.takeShared(batch);
  }

  /** The same. Whatever it was that the group heard, this reader hears first. */
  letGo(): void {
    queueMicrotask(() => this.dismount());
  }

  handleEvent(): void {
    this.end();
  }

  private dismount(): void {
    const { passenger } = this;
    this.group = null;
    this.passenger = null;
    // Stood at the head until now: what passed meanwhile is no lag of this reader's.
    this.bytesAtHead = this.options.live.passedBytes;
    if (this.opened === null) this.offset = Math.max(this.offset, this.reached);
    passenger?.dismounted();
  }

  private takeOpened(): StreamItem | null {
    const { opened } = this;
    this.opened = null;
    return opened;
  }

  /** Ends the subscription when its reader, once live, has fallen behind by more than the bounds. */
  checkLag(): void {
    if (this.bytesAtHead === null || this.ended || this.group !== null) return;
    const { live } = this.options;
    const lag = live.position.offset - this.offset;
    if (lag <= 0 || (lag <= MAX_LAG_EVENTS && live.passedBytes - this.bytesAtHead <= MAX_LAG_BYTES)) return;
    this.overflow = new SlowSubscriber();
    this.onOverflow?.onTooSlow();
    this.end();
  }

  /** The next accepted event; null when it should be looked for again. */
  private async nextEvent(): Promise<StreamItem | null> {
    const event = this.page.shift() ?? (await this.nextPage());
    if (event === null || event.offset <= this.offset) return null;
    this.offset = event.offset;
    return this.options.accept?.(event) === false ? null : { kind: 'event', event };
  }

  private async nextPage(): Promise<StreamEvent | null> {
    const { live, log } = this.options;
    if (this.offset >= live.position.offset) return this.waitForNews();
    await live.reach(this.offset);
    this.page = live.recent(this.offset, PAGE_SIZE) ?? (await log.read(live.id, this.offset, PAGE_SIZE));
    const first = this.page[0];
    if (first !== undefined && first.offset !== this.offset + 1) this.reopen();
    return this.page.shift() ?? null;
  }

  private async waitForNews(): Promise<null> {
    this.bytesAtHead = this.options.live.passedBytes;
    this.wake = deferred();
    await this.wake.promise;
    return null;
  }

  /** Not for readers: what the live stream tells. */
  hear(event: StreamEvent | null): void {
    if (event === null) this.reopen();
    this.wake?.resolve();
    this.wake = null;
  }

  /** What lay ahead was trimmed, or the stream was lost: the reader is told, and goes on from the head. */
  private reopen(): void {
    const { position } = this.options.live;
    this.offset = position.offset;
    this.page = NONE;
    this.opened = { kind: 'opened', position, at: new Date(), recovered: false };
  }

  private end(): void {
    if (this.ended) return;
    this.ended = true;
    this.options.signal.removeEventListener('abort', this);
    this.options.live.unlisten(this);
    this.wake?.resolve();
    this.group?.leave(this);
    this.options.onEnd(this);
  }
}

/** One for all who have read what they read: most wait at the head of their stream. Never written to. */
const NONE: StreamEvent[] = [];
