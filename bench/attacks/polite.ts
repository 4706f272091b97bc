import { post } from '../posting';
import type { Answering } from '../posting';

/** What each of them asks for in turn. */
export interface Wish {
  readonly by: Answering;
  readonly body: string;
}

/** People who ask for what people ask for, one after the other in even steps, whatever the answers take. Never refused, or it throws. */
export class PoliteCrowd {
  private readonly latencies_: number[] = [];
  private readonly pending = new Set<Promise<void>>();
  private readonly timer: NodeJS.Timeout;
  private asked = 0;
  private refused: string | null = null;

  constructor(wishes: readonly Wish[], everyMs: number) {
    this.timer = setInterval(() => this.ask(wishes[(this.asked += 1) % wishes.length]), everyMs);
  }

  /** In milliseconds, since it was last asked. */
  async latencies(): Promise<readonly number[]> {
    await Promise.all(this.pending);
    if (this.refused !== null) throw new Error(`somebody polite was refused: ${this.refused}`);
    return this.latencies_.splice(0);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private ask(wish: Wish | undefined): void {
    if (wish === undefined) return;
    const startedAt = performance.now();
    const answered: Promise<void> = post(wish.by, wish.body)
      .then(
        (text) => {
          if (text.startsWith('{"errors"')) this.refused = text;
          this.latencies_.push(performance.now() - startedAt);
        },
        (error: unknown) => void (this.refused = String(error)),
      )
      .finally(() => this.pending.delete(answered));
    this.pending.add(answered);
  }
}
