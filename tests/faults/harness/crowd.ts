import type { Guest, Stage } from '../../support/factories/stage';
import { closeAfterTest } from '../../support/jest-leaks';
import { waitFor } from '../../support/wait-for';
import { audit } from './audit';
import type { ReadBook } from './book';
import { Reader } from './reader';
import { Writer } from './writer';
import type { Attempt } from './writer';

export interface CrowdOptions {
  readonly stage: Stage;
  /** Where everybody connects. */
  readonly url: string;
  readonly writers: number;
  readonly readers: number;
  readonly paceMs?: number;
}

const JOINING_AT_ONCE = 20;
const ATTACH_MS = 60_000;
const SETTLE_MS = 30_000;
const PACE_MS = 100;

/** Writers and readers of one channel, until the test is over. The readers are there before the first message. */
export class Crowd {
  private constructor(
    private readonly stage: Stage,
    readonly writers: readonly Writer[],
    readonly readers: readonly Reader[],
  ) {}

  static async gather({ stage, url, writers, readers, paceMs = PACE_MS }: CrowdOptions): Promise<Crowd> {
    const guests: Guest[] = [];
    while (guests.length < writers + readers) {
      const some = Array.from({ length: Math.min(JOINING_AT_ONCE, writers + readers - guests.length) }, () => stage.join('Guest', url));
      guests.push(...(await Promise.all(some)));
    }
    const reading = guests.slice(writers).map((guest) => new Reader(guest, url, stage.channelId));
    await waitFor(() => reading.every(({ openings }) => openings > 0), { timeoutMs: ATTACH_MS, what: 'everyone attached' });
    const writing = guests.slice(0, writers).map((guest) => new Writer(guest, { url, channelId: stage.channelId, paceMs }));
    const crowd = new Crowd(stage, writing, reading);
    closeAfterTest(() => crowd.leave());
    return crowd;
  }

  get acknowledged(): number {
    return this.writers.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0);
  }

  /** What became of the requests that were sent from `since` on (`performance.now()`). */
  attempts(since = 0): Attempt[] {
    return this.writers.flatMap(({ attempts }) => attempts.filter(({ sentAt }) => sentAt >= since));
  }

  /** How many requests were not acknowledged, for whatever reason. */
  get failures(): number {
    return this.attempts().filter(({ outcome }) => outcome !== 'acknowledged').length;
  }

  /** Every code that an answer carried. Connections that broke before an answer have none. */
  get codes(): string[] {
    return [...new Set(this.attempts().map(({ outcome }) => outcome))].filter(
      (outcome) => outcome !== 'acknowledged' && outcome !== 'no answer',
    );
  }

  /** Resolves when so many more are acknowledged. */
  async progress(messages: number, timeoutMs = SETTLE_MS): Promise<void> {
    const goal = this.acknowledged + messages;
    await waitFor(() => this.acknowledged >= goal, { timeoutMs, what: `${messages} more acknowledged messages` });
  }

  /** Ends the writing, and resolves when every reader has as many messages as were acknowledged. */
  async settle(timeoutMs = SETTLE_MS): Promise<void> {
    await Promise.all(this.writers.map((writer) => writer.stop()));
    const goal = this.acknowledged;
    // Who misses something is named by the audit, better than by a wait in vain.
    await waitFor(() => this.readers.every(({ messages }) => messages.length >= goal), { timeoutMs, what: 'everything everywhere' }).catch(
      () => undefined,
    );
  }

  /** After `settle`: what contradicts the promises. */
  async audit(readBook: ReadBook): Promise<string[]> {
    const problems = audit(await readBook(this.stage.channelId), {
      acknowledged: this.writers.map(({ acknowledged }) => acknowledged),
      received: this.readers.map(({ messages }) => messages),
    });
    return [
      ...problems,
      ...this.readers.flatMap(({ gaps }, n) => (gaps === 0 ? [] : [`reader ${n} was told of ${gaps} gaps`])),
      ...this.readers.flatMap(({ errors }, n) => errors.map((error) => `reader ${n} ended with ${String(error)}`)),
    ];
  }

  /** Also after a failure. */
  async leave(): Promise<void> {
    await Promise.allSettled([...this.writers.map((writer) => writer.stop()), ...this.readers.map((reader) => reader.close())]);
  }
}
