import { MemoryBus } from '../../../src/realtime/bus.memory';
import type { Viewer } from '../../../src/lib/viewer';
import { ANONYMOUS } from '../../../src/lib/viewer';
import type { IsOver, Revocation } from '../../../src/modules/auth';
import { Revocations } from '../../../src/modules/auth';
import { openTestDatabase, testBackends } from '../../support/databases';
import type { TestDatabase } from '../../support/databases';
import { createTestKernel } from '../../support/test-kernel';
import type { TestKernel } from '../../support/test-kernel';
import { waitFor } from '../../support/wait-for';

const expiresAt = new Date(8e12);
const VIEWERS = {
  'a user': { kind: 'user', userId: 'ada', familyId: 'family', expiresAt },
  'the same user, signed in elsewhere': { kind: 'user', userId: 'ada', familyId: 'other', expiresAt },
  "the user's key": { kind: 'user', userId: 'ada', familyId: 'key', expiresAt, key: { id: 'key', organizationId: 'org', scopes: [] } },
  'the user as an attendee': { kind: 'guest', attendeeId: 'place', sessionId: 'session', expiresAt, userId: 'ada' },
  'another user': { kind: 'user', userId: 'eve', familyId: 'hers', expiresAt },
  'a guest': { kind: 'guest', attendeeId: 'guest', sessionId: 'session', expiresAt },
  nobody: ANONYMOUS,
} as const satisfies Record<string, Viewer>;

const overAmong = (isOver: IsOver): string[] => Object.entries(VIEWERS).flatMap(([name, viewer]) => (isOver(viewer) ? [name] : []));

describe.each(testBackends())('revocations on %s', (kind) => {
  let opened: TestDatabase;
  const kernels: TestKernel[] = [];
  const all: Revocations[] = [];

  beforeAll(async () => {
    opened = await openTestDatabase(kind);
  });
  afterEach(async () => {
    for (const revocations of all.splice(0)) revocations.close();
    await Promise.all(kernels.splice(0).map((kernel) => kernel.close()));
  });
  afterAll(() => opened.drop());

  /** An instance that follows; `told` is whom it was told to let go, each time. */
  async function instance(bus = new MemoryBus()) {
    const kernel = createTestKernel(opened.database, bus);
    const revocations = new Revocations(kernel);
    kernels.push(kernel);
    all.push(revocations);
    const told: string[][] = [];
    await revocations.follow((isOver) => told.push(overAmong(isOver)));
    const end = (...ended: Revocation[]): Promise<void> =>
      kernel.unitOfWork.run(async (tx) => ended.forEach((revocation) => revocations.record(tx, revocation)));
    return { revocations, told, end };
  }

  it.each([
    ['a sign-in', { kind: 'signIn', ids: ['family'] }, ['a user']],
    ['a key', { kind: 'apiKey', ids: ['key'] }, ["the user's key"]],
    [
      'an account',
      { kind: 'user', ids: ['ada'] },
      ['a user', 'the same user, signed in elsewhere', "the user's key", 'the user as an attendee'],
    ],
    ['several at once', { kind: 'signIn', ids: ['family', 'hers'] }, ['a user', 'another user']],
    ['a sign-in named like a key', { kind: 'signIn', ids: ['key'] }, []],
  ] as const)('tell who came in with %s, and nobody else', async (_, revocation, over) => {
    const { told, end } = await instance();
    await end(revocation);
    await waitFor(() => told.length > 0);
    expect(told).toEqual([over]);
  });

  it('reach another instance within a second, without the bus within two', async () => {
    const bus = new MemoryBus();
    const [here, there, cutOff] = [await instance(bus), await instance(bus), await instance()];
    const startedAt = performance.now();
    await here.end({ kind: 'signIn', ids: ['family'] });
    await waitFor(() => there.told.length > 0);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    await waitFor(() => cutOff.told.length > 0, { timeoutMs: 2_500 });
    expect([here.told, there.told, cutOff.told]).toEqual([[['a user']], [['a user']], [['a user']]]);
  });

  it('say nothing when nothing was ended, and nothing of a transaction that failed', async () => {
    const { revocations, told, end } = await instance();
    await end({ kind: 'signIn', ids: [] });
    const failing = kernels[0]?.unitOfWork.run(async (tx) => {
      revocations.record(tx, { kind: 'signIn', ids: ['hers'] });
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    await end({ kind: 'signIn', ids: ['family'] });
    await waitFor(() => told.length > 0);
    expect(told).toEqual([['a user']]);
  });

  it('know what ended after a mark, for who asked the database just before', async () => {
    const { revocations, told, end } = await instance();
    const before = revocations.mark();
    await end({ kind: 'signIn', ids: ['family'] });
    await waitFor(() => told.length > 0);
    expect(revocations.hasEndedSince(before, VIEWERS['a user'])).toBe(true);
    expect(revocations.hasEndedSince(before, VIEWERS['another user'])).toBe(false);
    expect(revocations.hasEndedSince(revocations.mark(), VIEWERS['a user'])).toBe(false);
  });

  it('let everybody come again when the stream was lost', async () => {
    const { told } = await instance();
    await opened.database.sql(`UPDATE streams SET epoch = 'lost' WHERE id = 'access:all'`);
    await waitFor(() => told.length > 0, { timeoutMs: 2_500 });
    expect(told).toEqual([Object.keys(VIEWERS).filter((name) => name !== 'nobody')]);
  });
});
