/** A client that says again that it is typing says nothing new, within this time. */
const REPEAT_MS = 2_000;
/** A client that begins more often than this is not typing. */
const BEGIN_MS = 1_000;

interface LastNews {
  readonly typing: boolean;
  /** When it was last told that this one is typing; for who stopped without having begun here, when that was told. */
  readonly at: number;
}

/**
 * Keeps typing news rare, per sender and channel, on this instance: at most one beginning and one end a second. An end is never held
 * back when a beginning was told, so nobody is left looking at it.
 */
export class TypingThrottle {
  /** Oldest first, so that what no longer matters is found at the front. */
  private readonly last = new Map<string, LastNews>();

  constructor(private readonly now: () => number = Date.now) {}

  admits(key: string, typing: boolean): boolean {
    const now = this.now();
    this.forget(now);
    const last = this.last.get(key);
    if (last !== undefined && !isNews(last, typing, now)) return false;
    this.last.delete(key);
    this.last.set(key, { typing, at: typing ? now : (last?.at ?? now) });
    return true;
  }

  private forget(now: number): void {
    for (const [key, { at }] of this.last) {
      if (now - at < REPEAT_MS) return;
      this.last.delete(key);
    }
  }
}

function isNews(last: LastNews, typing: boolean, now: number): boolean {
  if (!typing) return last.typing;
  return now - last.at >= (last.typing ? REPEAT_MS : BEGIN_MS);
}
