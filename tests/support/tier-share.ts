import { APP_BACKENDS } from './test-app';

const ALL = process.env.PARLEY_TEST_LONG === '1';

/**
 * Of thousands of cases that the schema generates, every other one: those that the embedded backends do not try, PostgreSQL and Redis do. All
 * of them with PARLEY_TEST_LONG=1.
 */
export function shareOfTier<T>(cases: readonly T[], of: 'this' | 'other' = 'this'): readonly T[] {
  if (ALL) return cases;
  const rest = (APP_BACKENDS === 'embedded') === (of === 'this') ? 0 : 1;
  return cases.filter((_case, index) => index % 2 === rest);
}
