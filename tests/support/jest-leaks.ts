/** Something that must be back at zero when a test is over: subscribers, listeners, sockets. */
export interface LeakCount {
  readonly name: string;
  readonly count: () => number;
}

const GRACE_MS = 2_000;
const watched = new Set<LeakCount>();
const closers: (() => unknown)[] = [];

/** Counts `leak` at the end of every test until the returned function is called (when its owner closes). */
export function watchForLeaks(leak: LeakCount): () => void {
  watched.add(leak);
  return () => watched.delete(leak);
}

/** Closes what a test opened when the test ends, last opened first, before leaks are counted. */
export function closeAfterTest(close: () => unknown): void {
  closers.push(close);
}

/** Runs the closers, then waits a moment for sockets to be gone and throws when something is still open. */
export async function endOfTest(): Promise<void> {
  for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close();
  const deadline = Date.now() + GRACE_MS;
  while (leaks().length > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
  const left = leaks();
  if (left.length > 0) throw new Error(`Left open by this test: ${left.join(', ')}.`);
}

function leaks(): string[] {
  return [...watched].flatMap(({ name, count }) => (count() === 0 ? [] : [`${count()} ${name}`]));
}
