import fc from 'fast-check';
import { DomainError } from '../../../src/errors/domain-error';
import type { UserViewer } from '../../../src/lib/viewer';
import { openTestDatabase, testBackends } from '../../support/databases';
import type { TestDatabase } from '../../support/databases';
import { PROPERTY_TIMEOUT_MS, propertyRuns } from '../../support/property-runs';
import { createTestKernel } from '../../support/test-kernel';
import { by } from '../by';
import type { Stage } from '../stage';
import { setStage } from '../stage';

const PEOPLE = 3;
const step = fc.record({
  actor: fc.nat(PEOPLE - 1),
  target: fc.nat(PEOPLE - 1),
  action: fc.constantFrom('demote', 'demote', 'promote', 'remove', 'leave'),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Two instances on one database: what is exact here is exact because of the database. */
describe.each(testBackends())('races in an organization on %s', (kind) => {
  let opened: TestDatabase;
  let instances: [Stage, Stage];
  let people: UserViewer[];
  let names = 0;

  beforeAll(async () => {
    opened = await openTestDatabase(kind);
    const first = createTestKernel(opened.database);
    instances = [
      setStage(opened.database, { kernel: first }),
      setStage(opened.database, { kernel: createTestKernel(opened.database, first.bus) }),
    ];
    people = [];
    while (people.length < PEOPLE) people.push(await instances[0].user(`Owner ${people.length}`));
  });
  afterAll(async () => {
    await Promise.all(instances.map(({ kernel }) => kernel.close()));
    await opened.drop();
  });

  const instance = (n: number): Stage => instances[n % 2 === 0 ? 0 : 1];
  const owned = async (): Promise<string> => {
    const { id } = await instance(0).organizations.create(by(people[0]), 'Acme');
    const others = people.slice(1).map(({ userId }) => userId);
    await opened.database
      .as('system')
      .sql(`INSERT INTO memberships (organization_id, user_id, role) SELECT $1, unnest($2::text[]), 'OWNER'::"MembershipRole"`, [
        id,
        others,
      ]);
    return id;
  };
  const owners = async (id: string): Promise<number> => {
    const [row] = await opened.database
      .as('system')
      .sql<{ total: number }>(`SELECT count(*)::int AS total FROM memberships WHERE organization_id = $1 AND role = 'OWNER'`, [id]);
    return row!.total;
  };
  const perform = ({ actor, target, action }: Step, id: string, n: number): Promise<unknown> => {
    const { memberships } = instance(n);
    const [who, { userId }] = [by(people[actor]), people[target]!];
    if (action === 'leave') return memberships.leave(who, id);
    if (action === 'remove') return memberships.remove(who, id, userId);
    return memberships.changeRole(who, id, userId, action === 'demote' ? 'MEMBER' : 'OWNER');
  };

  it(
    'there is always an owner, whatever is done at once',
    async () => {
      const waves = fc.array(fc.array(step, { minLength: 2, maxLength: 5 }), { minLength: 1, maxLength: 3 });
      const property = fc.asyncProperty(waves, async (all) => {
        const id = await owned();
        for (const wave of all) {
          const results = await Promise.allSettled(wave.map((each, n) => perform(each, id, n)));
          for (const result of results) if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(DomainError);
          expect(await owners(id)).toBeGreaterThan(0);
        }
      });
      await fc.assert(property, { numRuns: propertyRuns(60) });
    },
    PROPERTY_TIMEOUT_MS,
  );

  it(
    'R4: channels never exceed what the plan allows, and no place is lost, whoever makes them at once',
    async () => {
      const wave = fc.array(fc.nat(PEOPLE - 1), { minLength: 1, maxLength: 8 });
      const property = fc.asyncProperty(
        fc.constantFrom(['FREE', 3] as const, ['PRO', 10] as const),
        fc.array(wave, { maxLength: 3 }),
        async ([plan, most], waves) => {
          const id = await owned();
          await opened.database.as('system').sql(`UPDATE organizations SET plan = $2::"Plan" WHERE id = $1`, [id, plan]);
          let wanted = 0;
          for (const makers of waves) {
            wanted += makers.length;
            const results = await Promise.allSettled(
              makers.map((maker, n) =>
                instance(n).channels.create(by(people[maker]), {
                  organizationId: id,
                  type: 'PRIVATE',
                  name: `support:customer:${(names += 1)}`,
                }),
              ),
            );
            for (const result of results)
              if (result.status === 'rejected') expect(result.reason).toMatchObject({ reason: 'CHANNEL_LIMIT_REACHED' });
            const [row] = await opened.database
              .as('system')
              .sql<{ total: number }>(`SELECT count(*)::int AS total FROM channels WHERE organization_id = $1`, [id]);
            expect(row?.total).toBe(Math.min(wanted, most));
          }
        },
      );
      await fc.assert(property, { numRuns: propertyRuns(40) });
    },
    PROPERTY_TIMEOUT_MS,
  );
});
