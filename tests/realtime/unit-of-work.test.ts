import type { Database } from '../../src/persistence/database';
import { DomainError } from '../../src/errors/domain-error';
import { defineEvent } from '../../src/realtime/event';
import type { StreamEvent, StreamId } from '../../src/realtime/event';
import { failed, GroupCommit, succeeded } from '../../src/realtime/group-commit';
import { EventLog } from '../../src/realtime/event-log';
import { UnitOfWork } from '../../src/realtime/unit-of-work';
import { openTestDatabase, testBackends } from '../support/databases';
import type { TestDatabase } from '../support/databases';

const noted = defineEvent<{ text: string }>('test.noted');
let streams = 0;
const newStream = (): StreamId => `uow:${(streams += 1)}`;

describe.each(testBackends())('unit of work on %s', (kind) => {
  let opened: TestDatabase;
  let database: Database;
  let log: EventLog;
  let unitOfWork: UnitOfWork;
  const published: StreamEvent[] = [];

  beforeAll(async () => {
    opened = await openTestDatabase(kind);
    database = opened.database;
    log = new EventLog(database);
    unitOfWork = new UnitOfWork(database, log, (events) => published.push(...events));
  });
  afterEach(() => published.splice(0));
  afterAll(() => opened.drop());

  const note = (stream: StreamId, text: string): Promise<void> =>
    unitOfWork.run((tx) => Promise.resolve(tx.record(stream, noted.record({ text }))));

  it('gives gapless offsets to concurrent writers of one stream', async () => {
    const stream = newStream();
    await Promise.all(Array.from({ length: 50 }, (_, n) => note(stream, String(n))));
    const events = await log.read(stream, 0, 100);
    expect(events.map((event) => event.offset)).toEqual(Array.from({ length: 50 }, (_, n) => n + 1));
    expect(new Set(events.map((event) => noted.read(event).text)).size).toBe(50);
    expect(published).toHaveLength(50);
  });

  it('leaves no event, no offset and no news behind when the work throws', async () => {
    const stream = newStream();
    await note(stream, 'kept');
    await expect(
      unitOfWork.run((tx) => {
        tx.record(stream, noted.record({ text: 'dropped' }));
        return Promise.reject(new Error('no'));
      }),
    ).rejects.toThrow('no');
    expect(await log.open(stream)).toMatchObject({ head: 1 });
    expect(published).toHaveLength(1);
  });

  it('hands over events exactly as the log holds them', async () => {
    const stream = newStream();
    await note(stream, 'quote " and umlaut ü and emoji 🎈');
    expect(published).toEqual(await log.read(stream, 0, 10));
  });

  it('records into many streams at once without deadlock', async () => {
    const all = [newStream(), newStream(), newStream()];
    const both = (order: StreamId[]): Promise<void> =>
      unitOfWork.run((tx) => Promise.resolve(order.forEach((stream) => tx.record(stream, noted.record({ text: 'x' })))));
    await Promise.all(Array.from({ length: 30 }, (_, n) => both(n % 2 === 0 ? all : [...all].reverse())));
    const states = await log.states(all);
    expect([...states.values()].map((state) => state.head)).toEqual([30, 30, 30]);
  });

  it('gives the lock of a new stream to one writer after the other, each seeing where the last one left it', async () => {
    const stream = newStream();
    const heads = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        unitOfWork.run(async (tx) => {
          const { offset, at } = await tx.lock(stream);
          expect(at).toBeInstanceOf(Date);
          tx.record(stream, noted.record({ text: String(n) }));
          return offset;
        }),
      ),
    );
    expect(heads.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n));
    expect(await log.open(stream)).toMatchObject({ head: 20 });
  });

  it('tells rows their offset when they append at once', async () => {
    const stream = newStream();
    const [first, second] = await unitOfWork.run((tx) => tx.append(stream, noted.record({ text: 'a' }), noted.record({ text: 'b' })));
    expect([first?.offset, second?.offset]).toEqual([1, 2]);
  });

  describe('group commit', () => {
    const grouped = (transactions: number[]) =>
      new GroupCommit<string, number>(unitOfWork, {
        maxBatch: 64,
        write: async (tx, key, batch) => {
          if (batch.includes('poison')) throw new Error('poison');
          const good = batch.filter((text) => text !== 'bad');
          const events = await tx.append(key as StreamId, ...good.map((text) => noted.record({ text })));
          transactions.push(batch.length);
          return batch.map((text) =>
            text === 'bad'
              ? failed(new DomainError('CONFLICT', { message: 'bad', reason: 'BAD' }))
              : succeeded(events[good.indexOf(text)]?.offset ?? -1),
          );
        },
      });

    it('lets concurrent submissions share commits, in order', async () => {
      const stream = newStream();
      const transactions: number[] = [];
      const group = grouped(transactions);
      const offsets = await Promise.all(Array.from({ length: 40 }, (_, n) => group.submit(stream, String(n))));
      expect(offsets).toEqual(Array.from({ length: 40 }, (_, n) => n + 1));
      expect(transactions).toEqual([1, 39]);
    });

    it('fails one bad submission alone', async () => {
      const stream = newStream();
      const group = grouped([]);
      const answers = await Promise.allSettled(['a', 'b', 'bad', 'c'].map((text) => group.submit(stream, text)));
      expect(answers.map((answer) => answer.status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
      expect(await log.open(stream)).toMatchObject({ head: 3 });
    });

    it('tries the members one by one when the whole batch fails', async () => {
      const stream = newStream();
      const group = grouped([]);
      const answers = await Promise.allSettled(['a', 'b', 'poison', 'c'].map((text) => group.submit(stream, text)));
      expect(answers.map((answer) => answer.status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
      expect(await log.open(stream)).toMatchObject({ head: 3 });
    });
  });
});
