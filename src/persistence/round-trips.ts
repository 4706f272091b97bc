import { deferred } from '../lib/deferred';
import type { Deferred } from '../lib/deferred';
import type { SqlValue } from './database';
import { encode } from './sql-values';

export interface Statement {
  readonly text: string;
  readonly values: (string | null)[];
}

export interface Answer {
  readonly rows: object[];
  /** What was done, and in most cases to how many rows, e.g. `INSERT 0 3`. */
  readonly command: string;
}

export function statement(text: string, values: readonly SqlValue[] = []): Statement {
  return { text, values: encode(values) };
}

export type Send = (statements: readonly Statement[]) => Promise<Answer[]>;

/**
 * Lets statements that are given at once (none of them waits for another) share a round trip. The leading ones wait for company:
 * BEGIN and its like, which alone would cost as much as any other. When a statement of a round trip fails, all of it is as if it had failed.
 */
export class RoundTrips {
  private readonly waiting: { readonly statement: Statement; readonly answer: Deferred<Answer> }[] = [];
  private travelling: Promise<void> | null = null;

  constructor(
    private readonly send: Send,
    private leading: readonly Statement[],
  ) {}

  add(statement: Statement): Promise<Answer> {
    const answer = deferred<Answer>();
    this.waiting.push({ statement, answer });
    this.travelling ??= this.travel();
    return answer.promise;
  }

  /** Whoever still waits does not travel: behind ROLLBACK they would be outside the transaction. */
  abandon(reason: unknown): void {
    for (const { answer } of this.waiting.splice(0)) answer.reject(reason);
  }

  private async travel(): Promise<void> {
    await Promise.resolve();
    while (this.waiting.length > 0) await this.makeTrip(this.waiting.splice(0));
    this.travelling = null;
  }

  private async makeTrip(passengers: RoundTrips['waiting']): Promise<void> {
    const leading = this.leading;
    this.leading = [];
    try {
      const answers = await this.send([...leading, ...passengers.map(({ statement }) => statement)]);
      passengers.forEach(({ answer }, index) => answer.resolve(answers[leading.length + index] as Answer));
    } catch (error) {
      for (const { answer } of passengers) answer.reject(error);
    }
  }
}
