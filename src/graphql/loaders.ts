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
const MOST_PATIENCE_MS = 10;

/**
 * Joins what is asked in one turn of the event loop, by whomever: for what each of a thousand subscribers wants to know of the same event.
 * While an answer is on its way, those who ask wait for it a moment and go together. Unlike the loaders of a request it remembers nothing.
 */
export function loaderOfTurns<K, V>(batch: Batch<K, V>): DataLoader<K, V> {
  const waiting = new Set<() => void>();
  let underWay = 0;
  const answered = (): void => {
    underWay -= 1;
    for (const go of waiting) go();
  };
  const wait = (go: () => void): void => {
    const goOnce = (): void => {
      clearTimeout(patience);
      if (waiting.delete(goOnce)) go();
    };
    const patience = setTimeout(goOnce, MOST_PATIENCE_MS);
    waiting.add(goOnce);
  };
  const ask: Batch<K, V> = (keys) => {
    underWay += 1;
    return batch(keys).finally(answered);
  };
  const batchScheduleFn = (go: () => void): unknown => (underWay === 0 ? setImmediate(go) : wait(go));
  return new DataLoader(ask, { cache: false, maxBatchSize: MOST_OF_A_TURN, batchScheduleFn });
}

/** Puts rows in the order of their keys, null where a key has none: what a batch function must return. */
export function inOrderOf<K, V>(keys: readonly K[], rows: readonly V[], keyOf: (row: V) => K): (V | null)[] {
  const byKey = new Map(rows.map((row) => [keyOf(row), row]));
  return keys.map((key) => byKey.get(key) ?? null);
}
