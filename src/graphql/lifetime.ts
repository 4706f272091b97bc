/** One for all: without a reason, `abort` makes an exception with a stack, at a tenth of a millisecond for every operation. */
const OVER = new Error('the operation is over');

/**
 * How long one operation lasts: until it ends, its caller goes away, or its time is up, whichever comes first. Leaves nothing behind on
 * the caller's signal, which lives longer.
 */
export class Lifetime {
  private readonly controller = new AbortController();
  private readonly onParentAbort = (): void => this.end(this.parent.reason);

  constructor(private readonly parent: AbortSignal) {
    if (parent.aborted) this.end(parent.reason);
    else parent.addEventListener('abort', this.onParentAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Idempotent. */
  end(reason?: unknown): void {
    this.parent.removeEventListener('abort', this.onParentAbort);
    this.controller.abort(reason ?? OVER);
  }
}

/** Settles as the work does, or rejects with `late()` when that takes longer. The work itself is not stopped: its signal must do that. */
export async function within<T>(ms: number, work: Promise<T>, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(late()), ms);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
