import { deferred } from '../../src/lib/deferred';
import { Gate } from '../../src/persistence/gate';

describe('gate', () => {
  test('lets in at most its width, in order of arrival', async () => {
    const gate = new Gate(1, 1_000);
    const order: number[] = [];
    const first = deferred();

    const all = [gate.run(() => first.promise), ...[1, 2, 3].map((n) => gate.run(() => Promise.resolve(order.push(n))))];
    expect([gate.busy, gate.waiting]).toEqual([1, 3]);
    first.resolve();
    await Promise.all(all);

    expect(order).toEqual([1, 2, 3]);
    expect([gate.busy, gate.waiting]).toEqual([0, 0]);
  });

  test('whoever waits for itself gets UNAVAILABLE and not silence', async () => {
    const gate = new Gate(1, 20);

    const nested = gate.run(() => gate.run(() => Promise.resolve('inner')));

    await expect(nested).rejects.toMatchObject({ code: 'UNAVAILABLE', reason: 'DATABASE_BUSY' });
    expect([gate.busy, gate.waiting]).toEqual([0, 0]);
    await expect(gate.run(() => Promise.resolve('next'))).resolves.toBe('next');
  });

  test('closing lets in who waits already, refuses newcomers and ends with the last one', async () => {
    const gate = new Gate(1, 1_000);
    const first = deferred();
    const done: string[] = [];
    const inside = gate.run(() => first.promise.then(() => done.push('first')));
    const waiting = gate.run(() => Promise.resolve(done.push('waiting')));

    const closed = gate.close().then(() => done.push('closed'));
    await expect(gate.run(() => Promise.resolve())).rejects.toMatchObject({ code: 'UNAVAILABLE', reason: 'SHUTTING_DOWN' });
    first.resolve();
    await Promise.all([inside, waiting, closed]);

    expect(done).toEqual(['first', 'waiting', 'closed']);
  });
});
