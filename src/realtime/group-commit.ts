import { DomainError } from '../errors/domain-error';
import type { RowViewer } from '../persistence/database';
import { deferred } from '../lib/deferred';
import type { Deferred } from '../lib/deferred';
import type { Pace } from './pace';
import type { RecordingTx, UnitOfWork } from './unit-of-work';

/** What became of one submission of a batch. */
export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: DomainError };

export const succeeded = <T>(value: T): Outcome<T> => ({ ok: true, value });
export const failed = (error: DomainError): Outcome<never> => ({ ok: false, error });

const NOBODY: RowViewer = [];

export interface GroupCommitOptions<In, Out> {
  readonly maxBatch: number;
  /** On whose behalf a batch is written; left out: nobody's. */
  readonly actAs?: (batch: readonly In[]) => RowViewer;
  /** How long a key rests after a commit, so that what comes in the meantime goes together; left out: not at all. */
  readonly pace?: Pace;
  /** Writes the whole batch in one transaction and answers one outcome for each input, in order. */
  readonly write: (tx: RecordingTx, key: string, batch: readonly In[]) => Promise<readonly Outcome<Out>[]>;
}

interface Submission<In, Out> {
  readonly input: In;
  readonly answer: Deferred<Out>;
}

/**
 * Lets concurrent writes of one key (a hot stream) share a transaction, as databases let transactions share an fsync: whatever
 * arrives while a commit is under way waits and goes together in the next one. An idle key commits at once, so nothing is delayed
 * on purpose, unless there is a pace: then a key that has just committed rests first.
 *
 * Promises: submissions of one key commit in the order they came; each is answered only after its own commit; one that fails for a
 * reason of its own fails alone. When a whole batch fails, its members are tried one by one. When the database is away, everybody who waits
 * for this key is refused with the batch: nobody waits for the same outage twice.
 */
export class GroupCommit<In, Out> {
  private readonly queues = new Map<string, Submission<In, Out>[]>();

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly options: GroupCommitOptions<In, Out>,
  ) {}

  submit(key: string, input: In): Promise<Out> {
    const submission = { input, answer: deferred<Out>() };
    const queue = this.queues.get(key);
    if (queue !== undefined) {
      queue.push(submission);
    } else {
      this.queues.set(key, [submission]);
      void this.drain(key);
    }
    return submission.answer.promise;
  }

  private async drain(key: string): Promise<void> {
    const queue = this.queues.get(key) ?? [];
    while (queue.length > 0) {
      await this.commit(key, queue.splice(0, this.options.maxBatch));
      await this.rest();
    }
    this.queues.delete(key);
  }

  private async rest(): Promise<void> {
    const { pace } = this.options;
    if (pace !== undefined) await new Promise<void>((resolve) => pace(resolve));
  }

  private async commit(key: string, batch: Submission<In, Out>[], behind: Submission<In, Out>[] = []): Promise<void> {
    try {
      const inputs = batch.map(({ input }) => input);
      const outcomes = await this.unitOfWork.as(this.options.actAs?.(inputs) ?? NOBODY).run((tx) => this.options.write(tx, key, inputs));
      batch.forEach(({ answer }, index) => settle(answer, outcomes[index]));
    } catch (error) {
      if (isUnavailable(error)) this.refuse([batch, behind, this.queues.get(key) ?? []], error);
      else if (batch.length > 1) await this.commitOneByOne(key, batch);
      else for (const { answer } of batch) answer.reject(error);
    }
  }

  private async commitOneByOne(key: string, batch: Submission<In, Out>[]): Promise<void> {
    for (let next = batch.shift(); next !== undefined; next = batch.shift()) await this.commit(key, [next], batch);
  }

  /** Who waits behind has waited for the same database: to ask again would make them wait twice. */
  private refuse(waiting: Submission<In, Out>[][], error: unknown): void {
    for (const submissions of waiting) for (const { answer } of submissions.splice(0)) answer.reject(error);
  }
}

function settle<T>(answer: Deferred<T>, outcome: Outcome<T> | undefined): void {
  if (outcome === undefined) answer.reject(new Error('a batch answered fewer outcomes than it was given inputs'));
  else if (outcome.ok) answer.resolve(outcome.value);
  else answer.reject(outcome.error);
}

function isUnavailable(error: unknown): boolean {
  return error instanceof DomainError && error.code === 'UNAVAILABLE';
}
