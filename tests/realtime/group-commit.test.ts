import { DomainError, unavailable } from '../../src/errors/domain-error';
import { deferred } from '../../src/lib/deferred';
import { failed, GroupCommit, succeeded } from '../../src/realtime/group-commit';
import type { Outcome } from '../../src/realtime/group-commit';
import { openTestDatabase, testBackends } from '../support/databases';
import type { TestDatabase } from '../support/databases';
import { createTestKernel } from '../support/test-kernel';
import type { TestKernel } from '../support/test-kernel';
import { waitFor } from '../support/wait-for';

describe.each(testBackends())('group commit on %s', (kind) => {
  let opened: TestDatabase;
  let kernel: TestKernel;

  beforeAll(async () => {
    opened = await openTestDatabase(kind);
    kernel = createTestKernel(opened.database);
  });
  afterAll(async () => {
    await kernel.close();
    await opened.drop();
  });

  /** A writer that the test holds back, and what it was given. */
  const start = (write: (batch: readonly number[]) => Promise<Outcome<number>[]>) => {
    const batches: number[][] = [];
    const hold = deferred();
    const commits = new GroupCommit<number, number>(kernel.unitOfWork, {
      maxBatch: 4,
      write: async (_tx, _key, batch) => {
        batches.push([...batch]);
        if (batches.length === 1) await hold.promise;
        return write(batch);
      },
    });
    return { batches, release: () => hold.resolve(), submit: (n: number) => commits.submit('key', n) };
  };
  const settled = async (answers: readonly Promise<number>[]): Promise<(number | string)[]> =>
    (await Promise.allSettled(answers)).map((one) => (one.status === 'fulfilled' ? one.value : (one.reason as DomainError).code));

  it('commits what came while another commit was under way together, in order, no more than a batch holds', async () => {
    const { batches, submit, release } = start(async (batch) => batch.map((n) => succeeded(n * 10)));
    const answers = [1, 2, 3, 4, 5, 6].map(submit);
    await waitFor(() => batches.length === 1);
    release();
    expect(await settled(answers)).toEqual([10, 20, 30, 40, 50, 60]);
    expect(batches).toEqual([[1], [2, 3, 4, 5], [6]]);
  });

  it('refuses one for a reason of its own alone', async () => {
    const refusal = new DomainError('FORBIDDEN', { message: 'Not you.', reason: 'TEST' });
    const { submit, release } = start(async (batch) => batch.map((n) => (n === 3 ? failed(refusal) : succeeded(n))));
    const answers = [1, 2, 3, 4].map(submit);
    release();
    expect(await settled(answers)).toEqual([1, 2, 'FORBIDDEN', 4]);
  });

  it('tries the members of a batch that failed as a whole one by one', async () => {
    const { batches, submit, release } = start(async (batch) => {
      if (batch.includes(3)) throw new DomainError('CONFLICT', { message: 'A bad row.', reason: 'TEST' });
      return batch.map(succeeded);
    });
    const answers = [1, 2, 3, 4].map(submit);
    release();
    expect(await settled(answers)).toEqual([1, 2, 'CONFLICT', 4]);
    expect(batches).toEqual([[1], [2, 3, 4], [2], [3], [4]]);
  });

  it('refuses whoever waits behind an outage with it, and goes on when it is over', async () => {
    let away = true;
    const { batches, submit, release } = start(async (batch) => {
      if (away) throw unavailable('TEST');
      return batch.map(succeeded);
    });
    const answers = [1, 2, 3, 4, 5, 6, 7].map(submit);
    await waitFor(() => batches.length === 1);
    release();
    expect(await settled(answers)).toEqual(Array(7).fill('UNAVAILABLE'));
    expect(batches).toEqual([[1]]);
    away = false;
    expect(await submit(8)).toBe(8);
  });
});
