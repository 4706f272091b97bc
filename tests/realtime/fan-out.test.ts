import fc from 'fast-check';
import type { Database } from '../../src/persistence/database';
import type { Bus } from '../../src/realtime/bus';
import { MemoryBus } from '../../src/realtime/bus.memory';
import { defineEvent } from '../../src/realtime/event';
import type { StreamId } from '../../src/realtime/event';
import { MAX_LAG_EVENTS } from '../../src/realtime/subscription';
import { openTestDatabase, testBackends } from '../support/databases';
import type { TestDatabase } from '../support/databases';
import { StreamReader } from '../support/stream-reader';
import { createTestKernel } from '../support/test-kernel';
import type { TestKernel } from '../support/test-kernel';
import { waitFor } from '../support/wait-for';

const counted = defineEvent<{ n: number; at: Date }>('test.counted', { dates: ['at'] });
const erasing = defineEvent('test.erasing', { erasesPast: true });

let streams = 0;
const newStream = (): StreamId => `test:${(streams += 1)}`;
const upTo = (n: number): number[] => Array.from({ length: n }, (_, index) => index + 1);

/** A bus that acknowledges everything and delivers nothing. */
function deafBus(): Bus {
  const bus = new MemoryBus();
  bus.publish = () => undefined;
  return bus;
}

describe.each(testBackends())('fan-out on %s', (kind) => {
  let opened: TestDatabase;
  let database: Database;
  const kernels: TestKernel[] = [];

  beforeAll(async () => {
    opened = await openTestDatabase(kind);
    database = opened.database;
  });
  afterEach(async () => {
    for (const kernel of kernels.splice(0)) {
      await kernel.close();
      expect(kernel.fanOut.stats()).toMatchObject({ streams: 0, subscribers: 0 });
    }
  });
  afterAll(() => opened.drop());

  const startKernel = (bus?: Bus): TestKernel => {
    const kernel = createTestKernel(database, bus);
    kernels.push(kernel);
    return kernel;
  };
  const publish = (kernel: TestKernel, stream: StreamId, n = 1): Promise<void> =>
    kernel.unitOfWork.run((tx) => {
      for (let i = 0; i < n; i += 1) tx.record(stream, counted.record({ n: i, at: new Date() }));
      return Promise.resolve();
    });
  const follow = async (kernel: TestKernel, stream: StreamId, after?: StreamReader, signal = new AbortController().signal) =>
    new StreamReader(await kernel.fanOut.follow(stream, { after: after?.cursor ?? null, signal }));

  const erase = (kernel: TestKernel, stream: StreamId, offset: number): Promise<void> =>
    kernel.unitOfWork.run(async (tx) => {
      await kernel.log.rewrite(tx, stream, [offset], () => 'gone');
      tx.record(stream, erasing.record({}));
    });

  it('tells the position first, then every event in order', async () => {
    const kernel = startKernel();
    const stream = newStream();
    await publish(kernel, stream, 3);
    const reader = await follow(kernel, stream);
    await publish(kernel, stream, 2);
    await waitFor(() => reader.offsets.length === 2, { what: 'two live events' });
    expect(reader.items[0]).toMatchObject({ kind: 'opened', recovered: true, position: { offset: 3 } });
    expect(reader.offsets).toEqual([4, 5]);
    await reader.cut();
  });

  it('replays exactly what was missed after a cut, then goes on live', async () => {
    const kernel = startKernel();
    const stream = newStream();
    const first = await follow(kernel, stream);
    await publish(kernel, stream, 2);
    await waitFor(() => first.offsets.length === 2, { what: 'the first two' });
    await first.cut();
    await publish(kernel, stream, 500);
    const second = await follow(kernel, stream, first);
    await publish(kernel, stream, 1);
    await waitFor(() => second.offsets.length === 501, { what: 'the rest' });
    expect(second.items[0]).toMatchObject({ kind: 'opened', recovered: true, position: { offset: 2 } });
    expect([...first.offsets, ...second.offsets]).toEqual(upTo(503));
    await second.cut();
  });

  it('counts how readers begin: without a cursor, after one, after one that leads nowhere', async () => {
    const kernel = startKernel();
    const stream = newStream();
    const first = await follow(kernel, stream);
    await publish(kernel, stream, 2);
    await waitFor(() => first.offsets.length === 2, { what: 'the first two' });
    await first.cut();
    const second = await follow(kernel, stream, first);
    const lost = { epoch: 'another', offset: 1 };
    const third = new StreamReader(await kernel.fanOut.follow(stream, { after: lost, signal: new AbortController().signal }));
    expect(kernel.fanOut.stats().openings).toEqual({ fresh: 1, recovered: 1, unrecovered: 1 });
    await Promise.all([second.cut(), third.cut()]);
  });

  it('loses nothing published in the moment of subscribing, 100 tries of 100 (M1)', async () => {
    const bus = new MemoryBus();
    const [here, there] = [startKernel(bus), startKernel(bus)];
    for (let attempt = 0; attempt < 100; attempt += 1) {
      const stream = newStream();
      const before = await here.log.open(stream);
      const [reader] = await Promise.all([
        here.fanOut
          .follow(stream, { after: { epoch: before.epoch, offset: 0 }, signal: new AbortController().signal })
          .then((source) => new StreamReader(source)),
        publish(attempt % 2 === 0 ? here : there, stream),
      ]);
      await waitFor(() => reader.offsets.length === 1, { what: `try ${attempt}` });
      await reader.cut();
    }
  });

  it('reads the log once for everybody who comes back at the same moment, and not again from memory', async () => {
    const [there, here] = [startKernel(), startKernel()];
    const stream = newStream();
    const { epoch } = await there.log.open(stream);
    await publish(there, stream, 450);
    const read = jest.spyOn(here.log, 'read');
    for (let time = 0; time < 2; time += 1) {
      const readers = await Promise.all(
        upTo(40).map(async (n) => {
          const after = { epoch, offset: n };
          return new StreamReader(await here.fanOut.follow(stream, { after, signal: new AbortController().signal }));
        }),
      );
      await waitFor(() => readers.every(({ offsets }, index) => offsets.length === 449 - index), { what: 'everything, everywhere' });
      for (const [index, { items, offsets }] of readers.entries()) {
        expect(items[0]).toMatchObject({ kind: 'opened', recovered: true });
        expect(offsets).toEqual(upTo(450).slice(index + 1));
      }
      await Promise.all(readers.map((reader) => reader.cut()));
    }
    expect(read.mock.calls.map(([, offset]) => offset)).toEqual([250, 50, 0]);
  });

  it('does not bring back from the log what was erased while it was being read', async () => {
    const kernel = startKernel();
    const stream = newStream();
    const { epoch } = await kernel.log.open(stream);
    await publish(kernel, stream, 3);
    const read = kernel.log.read.bind(kernel.log);
    let erased = false;
    kernel.log.read = async (...range) => {
      const events = await read(...range);
      if (!erased) await erase(kernel, stream, 2);
      erased = true;
      return events;
    };
    const source = await kernel.fanOut.follow(stream, { after: { epoch, offset: 1 }, signal: new AbortController().signal });
    const reader = new StreamReader(source);
    await waitFor(() => reader.offsets.length === 3, { what: 'the rest and the erasing' });
    const second = reader.items.find((item) => item.kind === 'event' && item.event.offset === 2);
    expect(second).toMatchObject({ event: { payload: 'gone' } });
    await reader.cut();
  });

  it('finds what a lost bus message would have told, within two seconds', async () => {
    const [here, there] = [startKernel(deafBus()), startKernel(deafBus())];
    const stream = newStream();
    const reader = await follow(here, stream);
    await publish(there, stream, 3);
    await waitFor(() => reader.offsets.length === 3, { timeoutMs: 2_000, what: 'the head check' });
    expect(here.fanOut.stats().gaps).toBe(1);
    await reader.cut();
  });

  it('reads on from a jump in the offsets', async () => {
    const [here, deaf, hearing] = [startKernel(), startKernel(deafBus()), startKernel(new MemoryBus())];
    const stream = newStream();
    const reader = await follow(here, stream);
    await publish(deaf, stream, 2);
    await publish(hearing, stream, 1);
    here.bus.publish(stream, JSON.stringify([(await here.log.open(stream)).epoch, 3]));
    await waitFor(() => reader.offsets.length === 3, { timeoutMs: 900, what: 'all three before any head check' });
    expect(reader.offsets).toEqual([1, 2, 3]);
    await reader.cut();
  });

  it('tells a reader whose place was trimmed away, and goes on from the head', async () => {
    const kernel = startKernel();
    const stream: StreamId = `trimmed:${(streams += 1)}`;
    await publish(kernel, stream, 3);
    const { epoch } = await kernel.log.open(stream);
    expect(await kernel.log.trim('trimmed', -1_000)).toBe(3);
    const source = await kernel.fanOut.follow(stream, { after: { epoch, offset: 1 }, signal: new AbortController().signal });
    const reader = new StreamReader(source);
    await publish(kernel, stream);
    await waitFor(() => reader.offsets.length === 1, { what: 'the next event' });
    expect(reader.items[0]).toMatchObject({ recovered: false, position: { offset: 3 } });
    expect(reader.offsets).toEqual([4]);
    await reader.cut();
  });

  it.each([
    ['another epoch', { epoch: 'feedfeedfeed', offset: 1 }],
    ['an offset beyond the head', null],
  ])('does not go on from %s', async (_, forged) => {
    const kernel = startKernel();
    const stream = newStream();
    await publish(kernel, stream);
    const after = forged ?? { epoch: (await kernel.log.open(stream)).epoch, offset: 99 };
    const reader = new StreamReader(await kernel.fanOut.follow(stream, { after, signal: new AbortController().signal }));
    await waitFor(() => reader.items.length === 1, { what: 'the opening' });
    expect(reader.items[0]).toMatchObject({ kind: 'opened', recovered: false });
    expect(await kernel.fanOut.page(stream, { after, first: 10 })).toMatchObject([{ kind: 'opened', recovered: false }]);
    await reader.cut();
  });

  it('tells live readers when the log was lost and replaced', async () => {
    const kernel = startKernel();
    const stream = newStream();
    const reader = await follow(kernel, stream);
    await publish(kernel, stream, 2);
    await waitFor(() => reader.offsets.length === 2, { what: 'two events' });
    await database.sql(`UPDATE streams SET epoch = 'aaaaaaaaaaaa', head = 0 WHERE id = $1`, [stream]);
    await database.sql('DELETE FROM events WHERE stream_id = $1', [stream]);
    await waitFor(() => reader.gaps === 1, { timeoutMs: 3_000, what: 'the gap' });
    await publish(kernel, stream);
    await waitFor(() => reader.offsets.length === 3, { what: 'the new first event' });
    expect(reader.cursor).toEqual({ epoch: 'aaaaaaaaaaaa', offset: 1 });
    await reader.cut();
  });

  it('does not take a head check that was overtaken by commits for a lost log', async () => {
    const kernel = startKernel();
    const stream = newStream();
    const reader = await follow(kernel, stream);
    const states = kernel.log.states.bind(kernel.log);
    let checks = 0;
    kernel.log.states = async (streams) => {
      const heads = await states(streams);
      await publish(kernel, stream, 16);
      checks += 1;
      return heads;
    };
    await waitFor(() => checks === 2, { timeoutMs: 4_000, what: 'two head checks' });
    kernel.log.states = states;
    await waitFor(() => reader.offsets.length === 32, { what: 'all events' });
    expect(reader.offsets).toEqual(upTo(32));
    expect(reader.gaps).toBe(0);
    await reader.cut();
  });

  it('ends a reader that fell too far behind, and nobody else', async () => {
    const kernel = startKernel();
    const stream = newStream();
    const stuck = await kernel.fanOut.follow(stream, { signal: new AbortController().signal });
    await stuck.next();
    const waiting = stuck.next();
    const quick = await follow(kernel, stream);
    await publish(kernel, stream);
    await waiting;
    for (let i = 0; i < 6; i += 1) await publish(kernel, stream, 200);
    await waitFor(() => stuck.overflowed.aborted, { timeoutMs: 3_000, what: 'the overflow' });
    await expect(stuck.next()).rejects.toThrow('too far behind');
    await waitFor(() => quick.offsets.length === 1_201, { what: 'the quick reader' });
    expect(1_201).toBeGreaterThan(MAX_LAG_EVENTS);
    await quick.cut();
  });

  it('ends with its signal and leaves nothing behind', async () => {
    const kernel = startKernel();
    const ending = new AbortController();
    const reader = await follow(kernel, newStream(), undefined, ending.signal);
    ending.abort();
    await reader.done;
    expect(kernel.fanOut.stats().subscribers).toBe(0);
  });

  it('pages the same events by polling, and moves on past what the viewer may not see', async () => {
    const kernel = startKernel();
    const stream = newStream();
    const [start] = await kernel.fanOut.page(stream, { first: 2 });
    await publish(kernel, stream, 5);
    const after = start?.kind === 'opened' ? start.position : null;
    const page = await kernel.fanOut.page(stream, { after, first: 2 });
    expect(page.map((item) => item.kind === 'event' && item.event.offset)).toEqual([1, 2]);
    const even = await kernel.fanOut.page(stream, { after, first: 10, accept: (event) => event.offset % 2 === 0 });
    expect(even.map((item) => item.kind === 'event' && item.event.offset)).toEqual([2, 4]);
    const none = await kernel.fanOut.page(stream, { after, first: 10, accept: () => false });
    expect(none).toMatchObject([{ kind: 'opened', recovered: true, position: { offset: 5 } }]);
  });

  it('delivers the log slice or tells the gap, for any mix of publishing, cutting, resuming and trimming (P1)', async () => {
    const actions = fc.array(
      fc.oneof(
        fc.record({ do: fc.constant('publish' as const), n: fc.integer({ min: 1, max: 5 }), here: fc.boolean() }),
        fc.record({ do: fc.constant('cut' as const) }),
        fc.record({ do: fc.constant('resume' as const) }),
        fc.record({ do: fc.constant('trim' as const) }),
      ),
      { minLength: 1, maxLength: 12 },
    );
    const bus = new MemoryBus();
    const [here, there] = [startKernel(bus), startKernel(bus)];
    await fc.assert(
      fc.asyncProperty(actions, async (steps) => {
        const kindOfStream = `p${(streams += 1)}`;
        const stream: StreamId = `${kindOfStream}:1`;
        let published = 0;
        let reader = await follow(here, stream);
        let reading = true;
        const runs = [reader];
        for (const step of steps) {
          if (step.do === 'publish') {
            await publish(step.here ? here : there, stream, step.n);
            published += step.n;
          } else if (step.do === 'trim') {
            await here.log.trim(kindOfStream, -1_000);
          } else if (step.do === 'cut' && reading) {
            await reader.cut();
            reading = false;
          } else if (step.do === 'resume' && !reading) {
            reader = await follow(here, stream, reader);
            runs.push(reader);
            reading = true;
          }
        }
        if (!reading) runs.push((reader = await follow(here, stream, reader)));
        await waitFor(() => (reader.cursor?.offset ?? -1) === published, { what: 'the end of the stream' });
        await reader.cut();
        checkSlices(runs.flatMap((run) => run.items));
      }),
      { numRuns: 300 },
    );
  }, 120_000);
});

/** Walks over everything received: each event is the next one, except after an opening that told a gap. */
function checkSlices(items: StreamReader['items']): void {
  let at = items[0]?.kind === 'opened' ? items[0].position.offset : 0;
  for (const item of items) {
    if (item.kind === 'opened') {
      if (item.recovered) expect(item.position.offset).toBe(at);
      at = item.position.offset;
    } else {
      expect(item.event.offset).toBe(at + 1);
      at = item.event.offset;
    }
  }
}
