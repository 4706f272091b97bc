import type { Clock } from '../../lib/clock';
import { systemClock } from '../../lib/clock';
import type { Viewer } from '../../lib/viewer';
import type { StreamEvent } from '../../realtime/event';
import type { Kernel } from '../../realtime/kernel';
import type { RecordingTx } from '../../realtime/unit-of-work';
import { ACCESS_STREAM, accessEnded } from './access.events';
import type { AccessKind } from './access.events';

/** Whose access has ended. */
export interface Revocation {
  readonly kind: AccessKind;
  readonly ids: readonly string[];
}

export type IsOver = (viewer: Viewer) => boolean;

interface Told {
  readonly revocation: Revocation;
  readonly at: number;
}

/** Longer than a check of somebody's access takes: whatever ended while one ran is still remembered. */
const REMEMBERED_MS = 10_000;
const RETRY_MS = 1_000;

/**
 * Tells every instance whose access has ended. New requests need no telling: they are refused by what the database says. This is for those
 * who are connected already, everywhere, within a second; two when the bus is away.
 */
export class Revocations {
  private recent: Told[] = [];
  private told = 0;
  private waiting: Revocation[] = [];
  private stopWatching: (() => void) | null = null;
  private retry: NodeJS.Timeout | null = null;
  private closed = false;
  private onEnded: (isOver: IsOver) => void = () => undefined;

  constructor(
    private readonly kernel: Pick<Kernel, 'fanOut'>,
    private readonly clock: Clock = systemClock,
  ) {}

  /** In the transaction that makes it true. */
  record(tx: RecordingTx, { kind, ids }: Revocation): void {
    if (ids.length > 0) tx.record(ACCESS_STREAM, accessEnded.record({ kind, ids }));
  }

  /**
   * From here on `onEnded` is told whom to let go, all of one event-loop turn together. Resolves when the first attempt is over: without a
   * database it goes on trying, and whoever has come in meanwhile is let go then.
   */
  async follow(onEnded: (isOver: IsOver) => void): Promise<void> {
    this.onEnded = onEnded;
    if (!(await this.attach())) this.attachLater();
  }

  /** What has been told so far, for `hasEndedSince`. */
  mark(): number {
    return this.told;
  }

  /** Whether this viewer's access ended after the mark: for who asked the database then, and may have been answered just before. */
  hasEndedSince(mark: number, viewer: Viewer): boolean {
    const news = mark === this.told ? [] : this.recent.slice(-(this.told - mark));
    return news.length > 0 && isOverBy(news.map(({ revocation }) => revocation))(viewer);
  }

  close(): void {
    this.closed = true;
    if (this.retry !== null) clearTimeout(this.retry);
    this.stopWatching?.();
  }

  private async attach(): Promise<boolean> {
    try {
      const stop = await this.kernel.fanOut.watch(ACCESS_STREAM, (event) => this.hear(event));
      if (this.closed) stop();
      else this.stopWatching = stop;
      return true;
    } catch {
      return false;
    }
  }

  private attachLater(): void {
    this.retry = setTimeout(() => void this.attachLate(), RETRY_MS).unref();
  }

  private async attachLate(): Promise<void> {
    if (this.closed) return;
    if (await this.attach()) this.onEnded(isSomebody);
    else this.attachLater();
  }

  private hear(event: StreamEvent | null): void {
    // The stream was lost, and with it, perhaps, somebody's ending: all come again, and are looked at again.
    if (event === null) return this.onEnded(isSomebody);
    if (!accessEnded.is(event)) return;
    this.remember(accessEnded.read(event));
  }

  private remember(revocation: Revocation): void {
    const at = this.clock.now().getTime();
    this.told += 1;
    this.recent = [...this.recent.filter((told) => at - told.at < REMEMBERED_MS), { revocation, at }];
    if (this.waiting.push(revocation) === 1) setImmediate(() => this.tell());
  }

  private tell(): void {
    const { waiting } = this;
    this.waiting = [];
    this.onEnded(isOverBy(waiting));
  }
}

function isSomebody({ kind }: Viewer): boolean {
  return kind !== 'anonymous';
}

/** Asked of every connection: so it costs as much for a hundred revocations as for one. */
function isOverBy(revocations: readonly Revocation[]): IsOver {
  const ended = new Map<AccessKind, Set<string>>();
  for (const { kind, ids } of revocations) {
    const known = ended.get(kind) ?? new Set();
    for (const id of ids) known.add(id);
    ended.set(kind, known);
  }
  return (viewer) => {
    if (viewer.kind === 'anonymous') return false;
    for (const [kind, ids] of ended) {
      const id = idOf(kind, viewer);
      if (id !== undefined && ids.has(id)) return true;
    }
    return false;
  };
}

/** What of this kind the viewer came in with. */
function idOf(kind: AccessKind, viewer: Exclude<Viewer, { kind: 'anonymous' }>): string | undefined {
  if (kind === 'user') return viewer.userId;
  if (viewer.kind === 'guest') return undefined;
  if (kind === 'apiKey') return viewer.key?.id;
  return viewer.key === undefined ? viewer.familyId : undefined;
}
