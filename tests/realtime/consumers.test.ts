import { randomUUID } from 'node:crypto';
import { unavailable } from '../../src/errors/domain-error';
import type { Consumer } from '../../src/realtime/consumer';
import { Consumers } from '../../src/realtime/consumers';
import { defineEvent } from '../../src/realtime/event';
import type { StreamEvent, StreamId } from '../../src/realtime/event';
import type { Log } from '../../src/realtime/outage-log';
import { deferred } from '../../src/lib/deferred';
import { asOwner, openTestDatabase, testBackends } from '../support/databases';
import type { TestDatabase } from '../support/databases';
import { createTestKernel } from '../support/test-kernel';
import type { TestKernel } from '../support/test-kernel';
import { waitFor } from '../support/wait-for';

const noted = defineEvent<{ text: string }>('test.noted');
const ignored = defineEvent<{ text: string }>('test.ignored');

/** Copies what it takes into a table, in the order in which it gets it. */
function copier(
  name: string,
  options: Partial<Consumer> & { readonly before?: (events: readonly StreamEvent[]) => Promise<void> } = {},
): Consumer {
  return {
    name,
    types: [noted.type],
    begins: 'at the beginning',
    handle: async (tx, events) => {
      await options.before?.(events);
      for (const event of events) {
        await tx.sql('INSERT INTO copies (consumer, stream, "offset", text) VALUES ($1, $2, $3, $4)', [
          name,
          event.stream,
          event.offset,
          noted.read(event).text,
        ]);
      }
    },
    reset: async (tx) => {
      await tx.sql('DELETE FROM copies WHERE consumer = $1', [name]);
    },
    ...options,
  };
}

describe.each(testBackends())('consumers on %s', (kind) => {
  let opened: TestDatabase;
  let kernel: TestKernel;
  const others: Consumers[] = [];

  beforeAll(async () => {
    opened = await openTestDatabase(kind);
    await asOwner(opened.database, 'CREATE TABLE copies (id serial, consumer text, stream text, "offset" int8, text text)');
    await asOwner(opened.database, 'GRANT ALL ON copies, copies_id_seq TO parley_app');
    kernel = createTestKernel(opened.database);
  });
  afterEach(async () => {
    await Promise.all(others.splice(0).map((one) => one.close()));
    await asOwner(opened.database, 'DELETE FROM consumers');
  });
  afterAll(async () => {
    await kernel.close();
    await opened.drop();
  });

  const newStream = (): StreamId => `noted:${randomUUID()}`;
  const note = (stream: StreamId, ...texts: string[]): Promise<void> =>
    kernel.unitOfWork.run(async (tx) => tx.record(stream, ...texts.map((text) => noted.record({ text }))));
  const copiesOf = async (name: string): Promise<string[]> => {
    const rows = await opened.database.sql<{ text: string }>('SELECT text FROM copies WHERE consumer = $1 ORDER BY id', [name]);
    return rows.map(({ text }) => text);
  };
  /** One instance's. */
  const instance = async (consumer: Consumer, log?: Log): Promise<Consumers> => {
    const consumers = new Consumers(opened.database, kernel.unitOfWork, log);
    others.push(consumers);
    consumers.add([consumer]);
    await consumers.register();
    return consumers;
  };

  it('takes every event of its types once, in the order of its stream, and no other', async () => {
    const consumers = await instance(copier('order', { begins: 'now' }));
    const stream = newStream();
    await note(stream, 'a', 'b');
    await kernel.unitOfWork.run(async (tx) => tx.record(stream, ignored.record({ text: 'not for it' })));
    await note(stream, 'c');
    await consumers.run();
    await consumers.run();
    expect(await copiesOf('order')).toEqual(['a', 'b', 'c']);
  });

  it('begins with what the log holds, or with what comes after it was registered', async () => {
    const stream = newStream();
    await note(stream, 'before');
    const late = await instance(copier('late', { begins: 'now' }));
    const early = await instance(copier('early'));
    await note(stream, 'after');
    await Promise.all([late.run(), early.run()]);
    expect(await copiesOf('late')).toEqual(['after']);
    expect(await copiesOf('early')).toEqual(expect.arrayContaining(['before', 'after']));
  });

  it('takes more than one batch', async () => {
    const consumers = await instance(copier('many', { begins: 'now' }));
    const texts = Array.from({ length: 250 }, (_, index) => `n${index}`);
    await note(newStream(), ...texts);
    await consumers.run();
    expect(await copiesOf('many')).toEqual(texts);
  });

  it('is woken by a commit of its instance', async () => {
    const consumers = kernel.consumers;
    consumers.add([copier('woken', { begins: 'now' })]);
    await consumers.register();
    consumers.start();
    await note(newStream(), 'news');
    await waitFor(async () => (await copiesOf('woken')).length === 1);
  });

  it('doubles nothing and loses nothing when a batch fails in the middle', async () => {
    let failures = 2;
    const failing = copier('failing', {
      begins: 'now',
      handle: async (tx, events) => {
        await copier('failing').handle(tx, events.slice(0, 2));
        if ((failures -= 1) >= 0) throw unavailable('SOMETHING_AWAY');
        await copier('failing').handle(tx, events.slice(2));
      },
    });
    const consumers = await instance(failing);
    await note(newStream(), 'a', 'b', 'c');
    await consumers.run();
    expect(await copiesOf('failing')).toEqual([]);
    await consumers.run();
    await consumers.run();
    expect(await copiesOf('failing')).toEqual(['a', 'b', 'c']);
    expect((await consumers.listStandings()).failing).toEqual({ lagSeconds: 0, parked: 0 });
  });

  it('parks an event that it cannot take, tells so, and goes on with the others', async () => {
    let mended = false;
    const choosy = copier('choosy', {
      begins: 'now',
      before: async (events) => {
        if (!mended && events.some((event) => noted.read(event).text === 'poison')) throw new Error('cannot take it');
      },
    });
    const told: object[] = [];
    const consumers = await instance(choosy, (_, details) => told.push(details));
    const stream = newStream();
    await note(stream, 'a', 'poison', 'b');
    await waitFor(async () => {
      await consumers.run();
      return (await copiesOf('choosy')).length === 2;
    });
    expect(await copiesOf('choosy')).toEqual(['a', 'b']);
    expect((await consumers.listStandings()).choosy).toEqual({ lagSeconds: 0, parked: 1 });
    expect(told).toEqual([{ consumer: 'choosy', stream, offset: 2, type: noted.type, detail: 'cannot take it' }]);
    expect(consumers.counts('parked')).toEqual({ choosy: 1 });
    await expect(consumers.retryParked(choosy)).rejects.toThrow('cannot take it');
    mended = true;
    expect(await consumers.retryParked(choosy)).toBe(1);
    expect(await copiesOf('choosy')).toEqual(['a', 'b', 'poison']);
    expect((await consumers.listStandings()).choosy?.parked).toBe(0);
  });

  it('makes the same again when it is rebuilt from the beginning', async () => {
    const consumer = copier('rebuilt');
    const consumers = await instance(consumer);
    await note(newStream(), 'x', 'y');
    await consumers.run();
    const before = await copiesOf('rebuilt');
    expect(before).toEqual(expect.arrayContaining(['x', 'y']));
    expect(await consumers.rebuild(consumer)).toBe(true);
    expect(await copiesOf('rebuilt')).toEqual([]);
    await consumers.run();
    expect(await copiesOf('rebuilt')).toEqual(before);
    expect(await consumers.rebuild({ name: 'nobody' })).toBe(false);
  });

  it('keeps what it has yet to read from being trimmed, until it is forgotten', async () => {
    const consumers = await instance(copier('slow', { begins: 'now' }));
    const stream = newStream();
    await note(stream, 'old');
    await asOwner(opened.database, `UPDATE events SET at = now() - interval '1 day' WHERE stream_id = $1`, [stream]);
    const trim = async (): Promise<number> => {
      await kernel.log.trim('noted', 3_600_000);
      return (await kernel.log.read(stream, 0, 10)).length;
    };
    expect(await trim()).toBe(1);
    expect((await consumers.listStandings()).slow?.lagSeconds).toBeGreaterThan(80_000);
    await consumers.run();
    expect(await trim()).toBe(0);
    await note(stream, 'older');
    await asOwner(opened.database, `UPDATE events SET at = now() - interval '1 day' WHERE stream_id = $1`, [stream]);
    expect(await trim()).toBe(1);
    expect(await consumers.forget('slow')).toBe(true);
    expect(await trim()).toBe(0);
  });

  it('stops and says so when the database came out of a dump, until it is rebuilt', async () => {
    const told: object[] = [];
    const consumer = copier('moved', { begins: 'now' });
    const consumers = await instance(consumer, (_, details) => told.push(details));
    await note(newStream(), 'kept');
    await asOwner(opened.database, `UPDATE consumers SET seen = '9000000000:9000000000:' WHERE name = 'moved'`);
    await asOwner(opened.database, `UPDATE events SET tx_id = '9000000000'`);
    await consumers.run();
    expect(await copiesOf('moved')).toEqual([]);
    expect(JSON.stringify(told)).toContain('docs/consumers.md');
    await consumers.rebuild(consumer);
    await consumers.run();
    expect(await copiesOf('moved')).toContain('kept');
  });

  if (kind === 'pglite') return;

  describe('with several connections', () => {
    it('skips nothing that commits after what began later, and keeps the order of each stream', async () => {
      const consumers = await instance(copier('late commit', { begins: 'now' }));
      const [shared, own] = [newStream(), newStream()];
      const [begun, recorded, letGo] = [deferred(), deferred(), deferred()];
      // The first transaction is older than the second, and records after it in the same stream.
      const older = kernel.unitOfWork.run(async (tx) => {
        await tx.sql('SELECT pg_current_xact_id()');
        begun.resolve();
        await recorded.promise;
        await tx.append(shared, noted.record({ text: 'shared 2' }));
      });
      await begun.promise;
      const open = kernel.unitOfWork.run(async (tx) => {
        await tx.append(own, noted.record({ text: 'slow' }));
        await letGo.promise;
      });
      await note(shared, 'shared 1');
      recorded.resolve();
      await older;
      await consumers.run();
      expect(await copiesOf('late commit')).toEqual(['shared 1', 'shared 2']);
      await note(shared, 'shared 3');
      await consumers.run();
      letGo.resolve();
      await open;
      await consumers.run();
      expect(await copiesOf('late commit')).toEqual(['shared 1', 'shared 2', 'shared 3', 'slow']);
    });

    it('runs on one instance at a time, and on another when that one dies', async () => {
      const [entered, letGo] = [deferred(), deferred<never>()];
      const stuck = copier('one', {
        begins: 'now',
        before: async () => {
          entered.resolve();
          await letGo.promise;
        },
      });
      const [first, second] = [await instance(stuck), await instance(copier('one'))];
      await note(newStream(), 'a');
      const running = first.run();
      await entered.promise;
      await second.run();
      expect(await copiesOf('one')).toEqual([]);
      letGo.reject(unavailable('KILLED'));
      await running;
      await second.run();
      expect(await copiesOf('one')).toEqual(['a']);
    });

    it('takes each event once while many write and two instances read', async () => {
      const [first, second] = [await instance(copier('busy', { begins: 'now' })), await instance(copier('busy'))];
      first.start();
      second.start();
      const streams = [newStream(), newStream(), newStream()];
      const texts = Array.from({ length: 120 }, (_, index) => `t${index}`);
      await Promise.all(texts.map((text, index) => note(streams[index % 3] ?? newStream(), text)));
      await waitFor(async () => (await copiesOf('busy')).length >= texts.length);
      expect((await copiesOf('busy')).sort()).toEqual([...texts].sort());
      for (const stream of streams) {
        const rows = await opened.database.sql<{ offset: number }>(
          `SELECT "offset" FROM copies WHERE consumer = 'busy' AND stream = $1 ORDER BY id`,
          [stream],
        );
        expect(rows.map(({ offset }) => offset)).toEqual(rows.map((_, index) => index + 1));
      }
    });
  });
});
