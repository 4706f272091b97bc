import { eventsOf, namesOf, STREAMS, TALLIES } from './operations';
import { CHANGE_NOTHING, HOLD_NOTHING, PARTS } from './parts';
import { ROWS } from './rows';

const FOLLOWED: readonly string[] = [...Object.values(STREAMS).map(({ field }) => field), TALLIES];

describe('the table of what mutations change', () => {
  it('has a row for every mutation of the schema', () => {
    const missing = namesOf('Mutation').filter((name) => !ROWS.has(name));
    expect(
      missing.map((name) => `Mutation.${name} has no row: add it to its room's file in tests/projection/ (how: tests/projection/row.ts)`),
    ).toEqual([]);
  });

  it('has no row for what is no mutation', () => {
    expect([...ROWS.keys()].filter((name) => !namesOf('Mutation').includes(name))).toEqual([]);
  });

  it('names parts that there are', () => {
    const named = [...ROWS.values()].flatMap((row) => ('changes' in row ? row.changes : []));
    expect(named.filter((name) => !PARTS.some((part) => part.name === name))).toEqual([]);
  });

  it('knows what every event changes', () => {
    const handled = new Set([...PARTS.flatMap(({ on }) => Object.keys(on)), ...Object.keys(CHANGE_NOTHING)]);
    const unknown = FOLLOWED.flatMap(eventsOf).filter((type) => !handled.has(type));
    expect(unknown.map((type) => `${type} is handled by no part: add it to the part that it changes in tests/projection/`)).toEqual([]);
  });

  it('knows every subscription', () => {
    const unknown = namesOf('Subscription').filter((name) => !FOLLOWED.includes(name) && !(name in HOLD_NOTHING));
    expect(unknown.map((name) => `Subscription.${name} is followed by no client: see tests/projection/operations.ts and parts.ts`)).toEqual(
      [],
    );
  });
});
