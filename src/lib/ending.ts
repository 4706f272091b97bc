/** As much of an `AbortSignal` as tells that something is over. An `AbortSignal` is one. */
export interface Ending {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: EndListener): void;
  removeEventListener(type: 'abort', listener: EndListener): void;
}

/** An object rather than a function: who waits for an end is mostly an object already, and needs no closure beside it. */
export interface EndListener {
  handleEvent(): void;
}

/**
 * An ending that many live under, and a listener that ends with another. An `AbortController` takes a kilobyte, as much again for its
 * listeners, and a tenth of a millisecond to abort: too much for an idle socket.
 */
export class LightEnding implements Ending, EndListener {
  private ended = false;
  /** One or none, mostly: so only the others take an array. */
  private first: EndListener | null = null;
  private others: readonly EndListener[] = NOBODY;

  get aborted(): boolean {
    return this.ended;
  }

  /** `concat`, because an array that is spread into another gets room for sixteen more. */
  addEventListener(_type: 'abort', listener: EndListener): void {
    if (this.first === null) this.first = listener;
    else this.others = this.others.concat(listener);
  }

  removeEventListener(_type: 'abort', listener: EndListener): void {
    if (this.others !== NOBODY) this.others = this.others.filter((other) => other !== listener);
    if (this.first !== listener) return;
    this.first = this.others[0] ?? null;
    if (this.others !== NOBODY) this.others = this.others.slice(1);
  }

  /** Idempotent. */
  abort(): void {
    if (this.ended) return;
    this.ended = true;
    const { first, others } = this;
    this.first = null;
    this.others = NOBODY;
    first?.handleEvent();
    for (const other of others) other.handleEvent();
  }

  handleEvent(): void {
    this.abort();
  }
}

/** Ends with another that lives longer, or before it: then it leaves nothing behind there. */
export abstract class ChildEnding extends LightEnding {
  constructor(private readonly parent: Ending) {
    super();
  }

  /** From here on it ends with its parent; at once when that has ended. */
  begin(): void {
    if (this.parent.aborted) this.abort();
    else this.parent.addEventListener('abort', this);
  }

  override abort(): void {
    if (this.aborted) return;
    this.parent.removeEventListener('abort', this);
    super.abort();
    this.onEnd();
  }

  /** After everybody who listens was told; once. */
  protected abstract onEnd(): void;
}

const NOBODY: readonly EndListener[] = [];
