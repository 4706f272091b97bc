import type { Ending, EndListener } from '../lib/ending';
import { LightEnding } from '../lib/ending';

/**
 * How long one operation lasts: until it ends or its caller goes away. Leaves nothing behind on the caller's ending, which lives longer;
 * most operations never ask, and then nothing was put there.
 */
export class Lifetime extends LightEnding {
  private attached = false;

  constructor(private readonly parent: Ending) {
    super();
  }

  override get aborted(): boolean {
    return super.aborted || this.parent.aborted;
  }

  override addEventListener(type: 'abort', listener: EndListener): void {
    super.addEventListener(type, listener);
    if (this.attached) return;
    this.attached = true;
    this.parent.addEventListener('abort', this);
  }

  /** Idempotent. */
  override abort(): void {
    if (this.attached) this.parent.removeEventListener('abort', this);
    super.abort();
  }
}
