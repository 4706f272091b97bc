export interface WaitForOptions {
  readonly timeoutMs?: number;
  /** Named in the error. */
  readonly what?: string;
}

const PAUSE_MS = 5;

/** Resolves with the fact as soon as it is truthy; throws when it is not within the time, five seconds unless told otherwise. */
export async function waitFor<T>(fact: () => T | Promise<T>, { timeoutMs = 5_000, what = 'a fact' }: WaitForOptions = {}): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const found = await fact();
    if (found) return found;
    if (performance.now() > deadline) throw new Error(`Waited ${timeoutMs} ms in vain for ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
