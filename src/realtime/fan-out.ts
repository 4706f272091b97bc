import type { Ending } from '../lib/ending';
import type { Bus, Unsubscribe } from './bus';
import type { Position, StreamEvent, StreamId, StreamItem } from './event';
import type { EventLog, StreamState } from './event-log';
import { LiveStream, PAGE_SIZE } from './live-stream';
import type { LiveListener } from './live-stream';
import { Subscription } from './subscription';
import type { Audience, FollowedStream } from './subscription';

/** How often heads are compared with the database: a lost bus message costs at most this much, plus one read. */
const HEAD_CHECK_MS = 1_000;

/** How long a stream without listeners is kept warm: those who were cut off together come back within it, and find its tail in memory. */
const LINGER_MS = 10_000;

type Accept = (event: StreamEvent) => boolean;

/** Where a stream stood at some moment; a stream that did not exist yet stood at its beginning, in an epoch still to be drawn. */
export type Mark = Position | 'beginning';

export interface FollowOptions {
  /** The last place received; nothing: from `mark` on. */
  readonly after?: Position | null;
  /** Where the stream stood when the request came; nothing: where it stands once attached. */
  readonly mark?: Mark;
  readonly signal: Ending;
  /** Which events this viewer may see, judged by the event's own data. */
  readonly accept?: Accept;
  /** Readers with equal audiences may share what is made of an event; left out, nothing is shared. `accept` must follow from it. */
  readonly audience?: Audience;
}

export interface PageOptions {
  readonly after?: Position | null;
  readonly first: number;
  readonly accept?: Accept;
}

/** How readers of streams began: without a cursor, or after one, with everything since then or with something missing. */
export type Openings = Readonly<Record<'fresh' | 'recovered' | 'unrecovered', number>>;

export interface FanOutStats {
  readonly streams: number;
  readonly subscribers: number;
  readonly gaps: number;
  readonly logReads: number;
  readonly overflows: number;
  readonly openings: Openings;
}

interface Attachment {
  readonly live: LiveStream;
  unsubscribe: Unsubscribe | null;
}

/**
 * Carries recorded events to this process's subscribers.
 *
 * Promises to each subscriber: `StreamOpened` first; then every event after its position that it accepts, in order, none twice,
 * none missing. What is missing for good (trimmed, lost, another epoch) is told by `recovered: false`, never passed over.
 * The bus and local commits bring news at once; a head check brings it within two seconds when they fail. The bus is never trusted
 * with content: it carries positions.
 */
export class FanOut {
  private readonly attachments = new Map<StreamId, Promise<Attachment>>();
  private readonly ready = new Map<StreamId, Attachment>();
  private readonly subscriptions = new Set<Subscription>();
  private readonly stats_ = { gaps: 0, logReads: 0, overflows: 0 };
  private readonly openings = { fresh: 0, recovered: 0, unrecovered: 0 };
  private readonly timer: NodeJS.Timeout;
  private readonly stopReconnect: Unsubscribe;
  private checking: Promise<void> | null = null;
  private closed = false;

  constructor(
    private readonly log: EventLog,
    private readonly bus: Bus,
  ) {
    this.timer = setInterval(() => this.tick(), HEAD_CHECK_MS);
    this.timer.unref();
    this.stopReconnect = bus.onReconnect(() => void this.checkHeads());
  }

  /** Hands over the events of one commit. Never waits and never throws. */
  committed(events: readonly StreamEvent[]): void {
    for (const [stream, batch] of byStream(events)) {
      this.ready.get(stream)?.live.committed(batch);
      const last = batch.at(-1);
      if (last !== undefined) this.bus.publish(stream, JSON.stringify([last.epoch, last.offset]));
    }
  }

  /**
   * Where the stream stands now, for a request that is still to be authorised: what is committed while that goes on is then
   * delivered and not skipped. Reads, never creates.
   */
  async mark(stream: StreamId): Promise<Mark> {
    const live = this.ready.get(stream)?.live;
    if (live !== undefined) return live.position;
    const state = (await this.log.states([stream])).get(stream);
    return state === undefined ? 'beginning' : { epoch: state.epoch, offset: state.head };
  }

  /**
   * Attaches to live news (acknowledged), then replays after the cursor, then goes on live. The caller has authorised before.
   * Ends when the signal aborts or the reader returns; ends with SlowSubscriber when the reader falls behind too far.
   */
  async follow(stream: StreamId, { after, mark, signal, accept, audience }: FollowOptions): Promise<FollowedStream> {
    const { live } = await this.attach(stream);
    const { from, opened } = await this.start(live, after ?? atMark(live.position, mark));
    this.openings[after == null ? 'fresh' : opened.recovered ? 'recovered' : 'unrecovered'] += 1;
    const subscription = new Subscription({
      live,
      log: this.log,
      from,
      opened,
      signal,
      accept,
      audience: audience ?? null,
      onEnd: (ended) => this.onEnd(ended),
    });
    if (!signal.aborted) this.subscriptions.add(subscription);
    return subscription;
  }

  /**
   * Calls the listener for each event from now on, in order, once; with null when the stream was lost and something may have been
   * missed. Resolves when attached.
   */
  async watch(stream: StreamId, hear: LiveListener['hear']): Promise<Unsubscribe> {
    const { live } = await this.attach(stream);
    return live.listen({ hear });
  }

  /**
   * The same events by polling, oldest first, at most `first`. Starts with `StreamOpened` when there is no cursor or it cannot be
   * gone on from; also answers one alone when everything new was not for this viewer, so that the cursor moves on.
   */
  async page(stream: StreamId, { after, first, accept }: PageOptions): Promise<StreamItem[]> {
    const state = await this.log.open(stream);
    const head = { epoch: state.epoch, offset: state.head };
    if (after == null || !reaches(state, after)) return [openedAt(head, after == null)];
    const items: StreamItem[] = [];
    let offset = after.offset;
    while (items.length < first && offset < state.head) {
      const events = await this.log.read(stream, offset, PAGE_SIZE);
      if (events.length === 0) break;
      if (events[0]?.offset !== offset + 1) return [openedAt(head, false)];
      for (const event of events) {
        if (items.length === first) break;
        offset = event.offset;
        if (accept?.(event) !== false) items.push({ kind: 'event', event });
      }
    }
    return items.length === 0 && offset > after.offset ? [openedAt({ epoch: state.epoch, offset }, true)] : items;
  }

  stats(): FanOutStats {
    return { ...this.stats_, openings: { ...this.openings }, streams: this.attachments.size, subscribers: this.subscriptions.size };
  }

  /** Ends every subscription and lets go of every stream. Idempotent. */
  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.timer);
    this.stopReconnect();
    for (const subscription of this.subscriptions) await subscription.return();
    const attachments = await Promise.allSettled(this.attachments.values());
    for (const attachment of attachments) if (attachment.status === 'fulfilled') attachment.value.unsubscribe?.();
    this.attachments.clear();
    this.ready.clear();
    await this.checking;
  }

  private attach(stream: StreamId): Promise<Attachment> {
    let attachment = this.attachments.get(stream);
    if (attachment === undefined) {
      attachment = this.openAttachment(stream);
      this.attachments.set(stream, attachment);
      attachment.catch(() => this.attachments.delete(stream));
    }
    return attachment;
  }

  /** Bus first, then the head: what is published in between is seen as news about a stream that already stands there. */
  private async openAttachment(stream: StreamId): Promise<Attachment> {
    const missed: Position[] = [];
    let attachment: Attachment | null = null;
    const onMessage = (message: string): void => {
      const position = parsePosition(message);
      if (position === null) return;
      if (attachment === null) missed.push(position);
      else attachment.live.seen(position);
    };
    const unsubscribe = await this.subscribeToBus(stream, onMessage);
    const live = new LiveStream(stream, await this.log.open(stream), this.log, this.stats_);
    attachment = { live, unsubscribe };
    this.ready.set(stream, attachment);
    for (const position of missed) live.seen(position);
    // A local commit between reading the head and `ready` reaches us neither way when the bus is away: the head check finds it.
    return attachment;
  }

  /** Without the bus a stream still lives, by head checks alone; `tick` tries the bus again. */
  private subscribeToBus(stream: StreamId, onMessage: (message: string) => void): Promise<Unsubscribe | null> {
    return this.bus.subscribe(stream, onMessage).catch(() => null);
  }

  private async start(
    live: LiveStream,
    after: Position | null,
  ): Promise<{ from: Position; opened: Extract<StreamItem, { kind: 'opened' }> }> {
    if (after === null) return { from: live.position, opened: openedAt(live.position, true) };
    const isKnown = after.epoch === live.position.epoch && after.offset <= live.position.offset;
    const recovered = (isKnown && (await live.reach(after.offset))) || reaches(await this.log.open(live.id), after);
    const from = recovered ? after : live.position;
    return { from, opened: openedAt(from, recovered) };
  }

  private onEnd(subscription: Subscription): void {
    if (this.subscriptions.delete(subscription) && subscription.overflowed.aborted) this.stats_.overflows += 1;
  }

  private tick(): void {
    for (const subscription of this.subscriptions) subscription.checkLag();
    for (const [stream, { live, unsubscribe }] of this.ready) {
      if (live.idleSince === null || Date.now() - live.idleSince < LINGER_MS) continue;
      this.ready.delete(stream);
      this.attachments.delete(stream);
      unsubscribe?.();
    }
    void this.checkHeads();
  }

  private checkHeads(): Promise<void> {
    this.checking ??= this.compareHeads()
      .catch(() => undefined)
      .finally(() => {
        this.checking = null;
      });
    return this.checking;
  }

  private async compareHeads(): Promise<void> {
    if (this.closed || this.ready.size === 0) return;
    const since = new Map([...this.ready].map(([stream, { live }]) => [stream, live.position]));
    const states = await this.log.states([...since.keys()]);
    for (const [stream, attachment] of this.ready) {
      const state = states.get(stream);
      const stood = since.get(stream);
      if (state !== undefined && stood !== undefined) attachment.live.checked(state, stood);
      if (attachment.unsubscribe === null && this.bus.status().state === 'up') await this.reattach(stream, attachment);
    }
  }

  private async reattach(stream: StreamId, attachment: Attachment): Promise<void> {
    attachment.unsubscribe = await this.subscribeToBus(stream, (message) => {
      const position = parsePosition(message);
      if (position !== null) attachment.live.seen(position);
    });
  }
}

function atMark({ epoch }: Position, mark: Mark | undefined): Position | null {
  return mark === 'beginning' ? { epoch, offset: 0 } : (mark ?? null);
}

/** Whether everything after `position` can still be read. */
function reaches(state: StreamState, position: Position): boolean {
  return position.epoch === state.epoch && position.offset >= state.tail && position.offset <= state.head;
}

function openedAt(position: Position, recovered: boolean): Extract<StreamItem, { kind: 'opened' }> {
  return { kind: 'opened', position, at: new Date(), recovered };
}

function byStream(events: readonly StreamEvent[]): Map<StreamId, StreamEvent[]> {
  const streams = new Map<StreamId, StreamEvent[]>();
  for (const event of events) {
    const batch = streams.get(event.stream);
    if (batch === undefined) streams.set(event.stream, [event]);
    else batch.push(event);
  }
  return streams;
}

function parsePosition(message: string): Position | null {
  try {
    const [epoch, offset] = JSON.parse(message) as [unknown, unknown];
    return typeof epoch === 'string' && typeof offset === 'number' ? { epoch, offset } : null;
  } catch {
    return null;
  }
}
