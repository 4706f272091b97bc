export const TYPING_LAPSES_MS = 6_000;

/** What travels on the bus; an alias, not an interface, so that it counts as JSON. */
export type Typing = {
  readonly senderId: string;
  readonly senderName: string;
  readonly typing: boolean;
};

interface Active {
  readonly news: Typing;
  readonly lapsesAt: number;
}

/**
 * One reader's view of who is typing: only changes, never the reader's own, and an end for everyone who fell silent: news may get
 * lost, so the reader's own server ends what was not renewed in time.
 */
export class TypingReader implements AsyncIterableIterator<Typing> {
  /** Whoever is typing, the longest silent first. */
  private readonly active = new Map<string, Active>();
  private incoming: Promise<IteratorResult<Typing, undefined>> | null = null;

  constructor(
    private readonly source: AsyncIterableIterator<Typing>,
    private readonly readerId: string,
    private readonly lapsesMs = TYPING_LAPSES_MS,
  ) {}

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Typing, undefined>> {
    for (;;) {
      this.incoming ??= this.source.next();
      const [first] = this.active.values();
      if (first !== undefined && (await passes(first.lapsesAt, this.incoming))) return { value: this.lapse(first.news), done: false };
      const result = await this.incoming;
      this.incoming = null;
      if (result.done === true || this.isChange(result.value)) return result;
    }
  }

  async return(): Promise<IteratorResult<Typing, undefined>> {
    await this.source.return?.();
    return { value: undefined, done: true };
  }

  private isChange(news: Typing): boolean {
    if (news.senderId === this.readerId) return false;
    const wasTyping = this.active.delete(news.senderId);
    if (news.typing) this.active.set(news.senderId, { news, lapsesAt: Date.now() + this.lapsesMs });
    return news.typing !== wasTyping;
  }

  private lapse(news: Typing): Typing {
    this.active.delete(news.senderId);
    return { ...news, typing: false };
  }
}

/** Whether the deadline passes before the promise settles. */
async function passes(deadline: number, promise: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<true>((resolve) => {
    timer = setTimeout(resolve, Math.max(0, deadline - Date.now()), true);
  });
  try {
    return await Promise.race([passed, promise.then(() => false)]);
  } finally {
    clearTimeout(timer);
  }
}
