import DataLoader from 'dataloader';

type Batch<K, V> = (keys: readonly K[]) => Promise<readonly (V | Error)[]>;

/** The DataLoaders of one request (or one event): made on first use, thrown away with it. */
export class Loaders {
  private readonly loaders = new Map<object, DataLoader<never, unknown>>();

  /** The loader that belongs to `owner`: an object that lives as long as the program, such as a service. */
  for<K, V>(owner: object, batch: Batch<K, V>): DataLoader<K, V> {
    let loader = this.loaders.get(owner) as DataLoader<K, V> | undefined;
    if (loader === undefined) {
      loader = new DataLoader<K, V>(batch);
      this.loaders.set(owner, loader);
    }
    return loader;
  }
}

const MOST_OF_A_TURN = 1_000;

/**
 * Joins what is asked in one turn of the event loop, by whomever: for what each of a thousand subscribers wants to know of the same event.
 * Unlike the loaders of a request it remembers nothing.
 */
export function loaderOfTurns<K, V>(batch: Batch<K, V>): DataLoader<K, V> {
  return new DataLoader(batch, { cache: false, maxBatchSize: MOST_OF_A_TURN, batchScheduleFn: setImmediate });
}

/** Puts rows in the order of their keys, null where a key has none: what a batch function must return. */
export function inOrderOf<K, V>(keys: readonly K[], rows: readonly V[], keyOf: (row: V) => K): (V | null)[] {
  const byKey = new Map(rows.map((row) => [keyOf(row), row]));
  return keys.map((key) => byKey.get(key) ?? null);
}
