import { setStage } from '../support/factories/stage';
import { closeAfterTest } from '../support/jest-leaks';
import { openProcessDirectory } from '../support/process-backends';
import { ServerProcess } from '../support/server-process';
import { APP_BACKENDS } from '../support/test-app';
import { bookIn } from './harness/book';
import { Crowd } from './harness/crowd';
import { FAULT_TIMEOUT_MS, LONG, tell, times } from './harness/form';

const KILLS = times(3, 50);

// A run of PostgreSQL and Redis leaves PGlite to the embedded run; the long form is one run for both.
const describeDirectory = APP_BACKENDS === 'embedded' || LONG ? describe : describe.skip;

describeDirectory('a process on a directory', () => {
  it(
    `killed ${KILLS} times mid-write: the directory opens again, and has every acknowledged message once (F1, F28)`,
    async () => {
      const backends = await openProcessDirectory();
      closeAfterTest(() => backends.remove());
      const server = await ServerProcess.startForTest(backends.environment);
      const stage = await setStage(server.url);
      const crowd = await Crowd.gather({ stage, url: server.url, writers: 6, readers: 2 });
      for (let kill = 0; kill < KILLS; kill += 1) {
        await crowd.progress(20 + Math.floor(Math.random() * 100));
        await server.kill();
        await server.start();
      }
      await crowd.progress(20);
      await crowd.settle();
      await server.terminate();
      expect(await crowd.audit(bookIn(backends.environment.PARLEY_DATA_DIR!))).toEqual([]);
      expect(crowd.failures).toBeGreaterThan(0);
      tell('F28', { kills: KILLS, messages: crowd.acknowledged, 'failed attempts': crowd.failures });
    },
    FAULT_TIMEOUT_MS,
  );
});
