const LONG = process.env.PARLEY_TEST_LONG === '1';

/** How many random cases a property tries on a real database: few in the usual suite, 1,000 with PARLEY_TEST_LONG=1. */
export function propertyRuns(usual: number): number {
  return LONG ? 1_000 : usual;
}

/** Enough for so many on a busy machine. */
export const PROPERTY_TIMEOUT_MS = LONG ? 1_800_000 : 300_000;
