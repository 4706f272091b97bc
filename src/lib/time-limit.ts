/**
 * The promise's answer, or a rejection with `onTimeout()` after `limitMs`. The work itself goes on, unless a signal of its own stops it; its
 * late answer is ignored.
 */
export function withinTime<T>(work: Promise<T>, limitMs: number, onTimeout: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(onTimeout()), limitMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
