import { setStage } from '../support/factories/stage';
import { closeAfterTest } from '../support/jest-leaks';
import { canStartPostgres, createPostgresServer } from '../support/postgres-server';
import { deleteKeys, requireRedisUrl, uniquePrefix } from '../support/redis';
import { ServerProcess } from '../support/server-process';
import { canMountDisks, createSmallDisk } from '../support/small-disk';
import { APP_BACKENDS } from '../support/test-app';
import { waitFor } from '../support/wait-for';
import { bookOf } from './harness/book';
import { Crowd } from './harness/crowd';
import { FAULT_TIMEOUT_MS, tell, times } from './harness/form';
import { askEverything } from './harness/operations';

/** A fresh server has 50 MB of tables. */
const DISK_MEGABYTES = 100;
const REFUSALS = times(20, 500);
const READS = ['viewer', 'sessions', 'session', 'questions', 'nodes', 'channel', 'channelEvents'];
const PATIENCE_MS = 60_000;

const describeDisk = APP_BACKENDS === 'postgres-redis' && canStartPostgres() && canMountDisks() ? describe : describe.skip;

describeDisk('the disk of PostgreSQL', () => {
  it(
    'full: what writes is UNAVAILABLE, what reads is answered, and with space again everything goes on (F16)',
    async () => {
      const disk = createSmallDisk(DISK_MEGABYTES);
      closeAfterTest(() => disk.remove());
      const postgres = await createPostgresServer({ tablesIn: disk.directory });
      closeAfterTest(() => postgres.remove());
      const [redisUrl, prefix] = [await requireRedisUrl(), uniquePrefix()];
      closeAfterTest(() => deleteKeys(redisUrl, prefix));
      const server = await ServerProcess.startForTest({ DATABASE_URL: postgres.url, REDIS_URL: redisUrl, PARLEY_REDIS_PREFIX: prefix });
      const stage = await setStage(server.url, { capacity: 10_000 });
      const crowd = await Crowd.gather({ stage, url: server.url, writers: 10, readers: 3 });
      const guest = await stage.join('Asking');
      await crowd.progress(20);

      disk.fill();
      // Pages that are allocated take some more.
      await waitFor(() => crowd.failures >= REFUSALS, { timeoutMs: PATIENCE_MS, what: 'refused messages' });
      const answers = await askEverything(stage, guest);
      expect(await server.status('/livez')).toBe(200);
      disk.empty();

      await crowd.progress(5 * crowd.writers.length, PATIENCE_MS);
      await crowd.settle();
      expect(await crowd.audit(bookOf(postgres.url))).toEqual([]);
      expect(crowd.codes).toEqual(['UNAVAILABLE']);
      const codes = new Set(answers.map(({ outcome }) => outcome));
      expect([...codes].filter((code) => !['data', 'UNAVAILABLE', 'UNAUTHENTICATED'].includes(code))).toEqual([]);
      const read = answers.filter(({ operation }) => READS.includes(operation));
      expect(read.map(({ outcome }) => outcome)).toEqual(READS.map(() => 'data'));
      expect(crowd.readers.map(({ openings }) => openings)).toEqual(crowd.readers.map(() => 1));
      expect(server.running).toBe(true);
      expect(await server.status('/readyz')).toBe(200);
      tell('F16', { messages: crowd.acknowledged, refused: crowd.failures });
    },
    FAULT_TIMEOUT_MS,
  );
});
