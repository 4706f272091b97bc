import fc from 'fast-check';
import { ApiFailure } from '../support/api-client';
import { PROPERTY_TIMEOUT_MS, propertyRuns } from '../support/property-runs';
import { APP_BACKENDS, startTestApp } from '../support/test-app';
import type { TestApp } from '../support/test-app';
import { Clients } from './clients';
import { Draw } from './draw';
import { PARTS } from './parts';
import { ROWS } from './rows';
import type { Accounts } from './world';
import { registerAccounts, World } from './world';

/** Then everybody looks at everything after each, and one that changes more than it says is named. */
const LONG = process.env.PARLEY_TEST_LONG === '1';
const rows = [...ROWS].map(([name, row]) => ({ name, row }));
const outside = rows.flatMap(({ name, row }) => ('outside' in row ? [{ name, ...row }] : []));
const changing = rows.flatMap(({ name, row }) => ('changes' in row ? [{ name, ...row }] : []));

const step = fc.record({
  mutation: fc.constantFrom(...rows.filter(({ row }) => !('ends' in row)).map(({ name }) => name)),
  /** Who tries it in place of who may. */
  instead: fc.option(fc.nat(4), { freq: 3 }),
  seed: fc.nat(),
  /** Whether everybody looks at what they hold before the next. */
  looks: fc.boolean(),
});
const ending = fc.option(fc.constantFrom(...changing.filter(({ ends }) => ends).map(({ name }) => name)));

/** What a client loaded, and every event since, is what it would load now: whoever it is, and whichever way the events come. */
describe('state before + events = state after', () => {
  let instances: TestApp[];
  let accounts: Accounts;

  beforeAll(async () => {
    const first = await startTestApp();
    // PGlite serves one process: there is one instance.
    instances = APP_BACKENDS === 'embedded' ? [first] : [first, await first.another()];
    accounts = await registerAccounts(first);
  });
  afterAll(() => instances[0]?.close());

  const withClients = async (use: (clients: Clients, world: World) => Promise<void>): Promise<void> => {
    const world = await World.build(instances, accounts);
    const clients = await Clients.of(world);
    try {
      await use(clients, world);
    } finally {
      clients.close();
      await world.close();
    }
  };
  const expectTold = async (clients: Clients, { name, changes }: (typeof changing)[number], seed = 0): Promise<void> => {
    const topics = LONG ? undefined : PARTS.flatMap((part) => (changes.includes(part.name) ? [part.of] : []));
    await clients.perform(name, new Draw(seed, true), null, () => clients.check(topics));
    expect({ name, changes: await clients.check(topics) }).toEqual({ name, changes: [...changes].sort() });
  };

  it(
    'after each mutation that changes something',
    async () => {
      await withClients(async (clients) => {
        for (const [seed, row] of changing.entries()) if (!row.ends) await expectTold(clients, row, seed);
        await clients.check();
      });
    },
    PROPERTY_TIMEOUT_MS,
  );

  it.each(changing.filter(({ ends }) => ends))('after $name', async (row) => {
    await withClients((clients) => expectTold(clients, row));
  });

  it(
    'after each other mutation, which changes nothing that is followed',
    async () => {
      await withClients(async (clients) => {
        for (const [seed, { name, refused }] of outside.entries()) {
          const failure = await clients.perform(name, new Draw(seed, true)).catch((error: unknown) => error);
          expect({ name, refused: failure instanceof ApiFailure ? (failure.reason ?? failure.code) : failure }).toEqual({ name, refused });
          if (LONG) expect({ name, changes: await clients.check() }).toEqual({ name, changes: [] });
        }
        expect(await clients.check()).toEqual([]);
      });
    },
    PROPERTY_TIMEOUT_MS,
  );

  it(
    'after whatever is done by whom, in any order',
    async () => {
      const property = fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 12 }), ending, async (steps, last) => {
        await withClients(async (clients, world) => {
          const all = last === null ? steps : [...steps, { mutation: last, instead: null, seed: 1, looks: true }];
          for (const { mutation, instead, seed, looks } of all) {
            const by = instead === null ? null : (world.viewers[instead] ?? null);
            await clients.perform(mutation, new Draw(seed), by).catch((error: unknown) => expect(error).toBeInstanceOf(ApiFailure));
            if (looks) await clients.check();
          }
          await clients.check();
        });
      });
      await fc.assert(property, { numRuns: propertyRuns(4), endOnFailure: true });
    },
    PROPERTY_TIMEOUT_MS,
  );
});
