/** One for all: without a reason, `abort` makes an exception with a stack, at a tenth of a millisecond for every operation. */
const OVER = new Error('the operation is over');

/** As much of an `AbortSignal` as tells that something is over. */
export interface Ending {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: EndListener): void;
  removeEventListener(type: 'abort', listener: EndListener): void;
}

interface EndListener {
  handleEvent(): void;
}

/** An ending that many live under. An `AbortController` takes a kilobyte, and as much again for its listeners: too much for an idle socket. */
export class LightEnding implements Ending {
  readonly reason = OVER;
  private ended = false;
  private listeners: readonly EndListener[] = [];

  get aborted(): boolean {
    return this.ended;
  }

  addEventListener(_type: 'abort', listener: EndListener): void {
    this.listeners = [...this.listeners, listener];
  }

  removeEventListener(_type: 'abort', listener: EndListener): void {
    this.listeners = this.listeners.filter((other) => other !== listener);
  }

  /** Idempotent. */
  abort(): void {
    if (this.ended) return;
    this.ended = true;
    for (const listener of this.listeners) listener.handleEvent();
    this.listeners = [];
  }
}

/**
 * How long one operation lasts: until it ends, its caller goes away, or its time is up, whichever comes first. Leaves nothing behind on
 * the caller's signal, which lives longer. Most operations never ask for the signal, and then there is none.
 */
export class Lifetime {
  private controller: AbortController | null = null;
  private ended: { readonly reason: unknown } | null = null;

  constructor(private readonly parent: Ending) {}

  get signal(): AbortSignal {
    this.controller ??= this.begin();
    return this.controller.signal;
  }

  handleEvent(): void {
    this.end(this.parent.reason);
  }

  /** Idempotent. */
  end(reason: unknown = OVER): void {
    if (this.ended !== null) return;
    this.ended = { reason };
    if (this.controller === null) return;
    this.parent.removeEventListener('abort', this);
    this.controller.abort(reason);
  }

  private begin(): AbortController {
    const controller = new AbortController();
    if (this.ended !== null) controller.abort(this.ended.reason);
    else if (this.parent.aborted) controller.abort(this.parent.reason);
    else this.parent.addEventListener('abort', this);
    return controller;
  }
}
