import { withinTime } from '../lib/time-limit';
import { describeError } from './outage-log';

const INTERVAL_MS = 500;
const ANSWER_MS = 500;

/**
 * Asks a connection every half second whether it still answers; `onSilence` is called when two questions in a row went unanswered,
 * at most 1.5 seconds after the other side froze. Two, because when our own event loop stood still the first timeout lies.
 */
export class Heartbeat {
  private timer: NodeJS.Timeout | null = null;
  private run = 0;

  constructor(
    private readonly ask: () => Promise<unknown>,
    private readonly onSilence: (detail: string) => void,
  ) {}

  start(): void {
    this.stop();
    this.schedule(this.run);
  }

  stop(): void {
    this.run += 1;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  private schedule(run: number): void {
    this.timer = setTimeout(() => void this.beat(run), INTERVAL_MS);
    this.timer.unref();
  }

  private async beat(run: number): Promise<void> {
    const silence = await this.question()
      .catch(() => (run === this.run ? this.question() : null))
      .catch((error: unknown) => describeError(error));
    if (run !== this.run) return;
    if (silence === null) this.schedule(run);
    else this.onSilence(silence);
  }

  private async question(): Promise<null> {
    await withinTime(this.ask(), ANSWER_MS, () => new Error(`no answer in ${ANSWER_MS} ms`));
    return null;
  }
}
