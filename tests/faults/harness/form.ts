/** `npm run test:faults`: every fault as often as the catalogue says. */
export const LONG = process.env.PARLEY_TEST_LONG === '1';

/** How often a fault is made: a few times in the usual suite, in full with PARLEY_TEST_LONG=1 (`npm run test:faults`). */
export function times<T>(short: T, long: T): T {
  return LONG ? long : short;
}

/** A fault takes as long as it takes; every wait inside has a limit of its own. */
export const FAULT_TIMEOUT_MS = LONG ? 3_600_000 : 180_000;

/** The figures of a run, for docs/guarantees.md. */
export function tell(id: string, figures: Readonly<Record<string, number | string>>): void {
  const text = Object.entries(figures).map(([name, value]) => `${name} ${typeof value === 'number' ? Math.round(value) : value}`);
  process.stderr.write(`${id}: ${text.join(', ')}\n`);
}

/** The value that `share` of the figures do not exceed. */
export function percentile(figures: readonly number[], share: number): number {
  const sorted = [...figures].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
