import type { Ending } from '../lib/ending';
import type { Viewer } from '../lib/viewer';
import type { Batch } from '../realtime/delivery-group';
import type { FollowedStream, Passenger } from '../realtime/subscription';
import type { PublicError } from './error-format';
import type { EventPayloadsOptions, PayloadReader } from './event-payloads';
import type { Lifetime } from './lifetime';
import { outcomeOf } from './operation';
import type { Caller, CheckedOperation, Outcome, Payload } from './operation';
import type { EventRenderer, ShareGroups } from './share-groups';

/** What the pipeline does for every subscription. */
export interface SubscriptionHost {
  readonly groups: ShareGroups;
  readonly render: EventRenderer;
  readonly publicErrors: (errors: readonly unknown[], requestId: string) => readonly PublicError[];
  readonly delivered: (payloads: number) => void;
  readonly ended: (subscription: Pick<OpenedSubscription, 'caller' | 'operation' | 'viewer'>, outcome: Outcome, events: number) => void;
}

export interface OpenedSubscription {
  readonly host: SubscriptionHost;
  readonly source: AsyncIterable<unknown>;
  readonly caller: Caller;
  readonly operation: CheckedOperation;
  readonly viewer: Viewer;
  readonly lifetime: Lifetime;
}

/** One subscription under way. One object rather than a closure for each of its parts: a process has many, and most are idle. */
export class OpenSubscription implements EventPayloadsOptions<unknown, Payload>, Passenger<string> {
  readonly source: AsyncIterator<unknown>;
  readonly caller: Caller;
  readonly operation: CheckedOperation;
  readonly viewer: Viewer;
  private readonly followed: FollowedStream | null;
  private readonly host: SubscriptionHost;
  private readonly lifetime: Lifetime;
  private outcome: Outcome = 'OK';
  private sharedPayloads = 0;
  /** Who reads on when a group has let go. */
  private reader: PayloadReader | null = null;

  constructor({ host, source, caller, operation, viewer, lifetime }: OpenedSubscription) {
    this.host = host;
    this.source = source[Symbol.asyncIterator]();
    this.followed = isFollowedStream(source) ? source : null;
    this.caller = caller;
    this.operation = operation;
    this.viewer = viewer;
    this.lifetime = lifetime;
    if (this.followed !== null) this.followed.onOverflow = caller;
  }

  get signal(): Ending {
    return this.caller.signal;
  }

  async render(event: unknown): Promise<Payload> {
    const payload = await this.host.render(event, this.operation, this.caller, this.viewer, this.lifetime);
    this.host.delivered(1);
    return this.keep(payload);
  }

  renderFailure(error: unknown): Payload {
    return this.keep({ errors: this.host.publicErrors([error], this.caller.requestId) });
  }

  /** What a source throws whose reader fell too far behind. */
  isTooSlow(error: unknown): boolean {
    return error instanceof Error && error.name === 'SlowSubscriber';
  }

  onTooSlow(): void {
    this.caller.onTooSlow();
  }

  ride(reader: PayloadReader): boolean {
    if (this.caller.takeShared === undefined || this.followed === null || !this.followed.standsAtHead) return false;
    this.reader = reader;
    return this.host.groups.carry(this.followed, this.operation, this.host.render, this);
  }

  takeShared(batch: Batch<string>): void {
    this.sharedPayloads += batch.items.length;
    this.host.delivered(batch.items.length);
    this.caller.takeShared?.(batch);
  }

  dismounted(): void {
    this.reader?.goOn();
  }

  onEnd(events: number): void {
    this.host.ended(this, this.outcome, events + this.sharedPayloads);
    this.lifetime.abort();
  }

  private keep(payload: Payload): Payload {
    this.outcome = outcomeOf(payload);
    return payload;
  }
}

function isFollowedStream(source: AsyncIterable<unknown>): source is FollowedStream {
  return 'onOverflow' in source;
}
