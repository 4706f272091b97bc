import { EventPayloads } from '../../src/graphql/event-payloads';

class Source implements AsyncIterator<number> {
  returned = 0;
  private readonly waiting: ((result: IteratorResult<number>) => void)[] = [];

  next(): Promise<IteratorResult<number>> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  emit(value: number): void {
    this.waiting.shift()?.({ value, done: false });
  }

  return(): Promise<IteratorResult<number>> {
    this.returned += 1;
    return Promise.resolve({ value: undefined, done: true });
  }
}

function open(ride?: () => boolean): {
  source: Source;
  gone: AbortController;
  ended: number[];
  payloads: EventPayloads<number, string>;
} {
  const source = new Source();
  const gone = new AbortController();
  const ended: number[] = [];
  const payloads = new EventPayloads<number, string>({
    source,
    signal: gone.signal,
    render: async (event) => `event ${event}`,
    renderFailure: (error) => `failed: ${String(error)}`,
    isTooSlow: () => false,
    onTooSlow: () => undefined,
    onEnd: (events) => void ended.push(events),
    ...(ride && { ride }),
  });
  return { source, gone, ended, payloads };
}

test('a waiting reader is answered when the subscription is left, though the source never speaks', async () => {
  const { source, payloads, ended } = open();
  const next = payloads.next();
  await payloads.return();
  expect(await next).toEqual({ value: undefined, done: true });
  expect([source.returned, ended]).toEqual([1, [0]]);
});

test('it ends once, whoever ends it, and counts what it gave', async () => {
  const { source, payloads, gone, ended } = open();
  const next = payloads.next();
  source.emit(1);
  expect(await next).toEqual({ value: 'event 1', done: false });
  gone.abort();
  await payloads.return();
  payloads.fail('late');
  expect(await payloads.next()).toEqual({ value: undefined, done: true });
  expect([source.returned, ended]).toEqual([1, [1]]);
});

test('a failure is the last payload, also for a reader that was not waiting', async () => {
  const { payloads } = open();
  payloads.fail('expired');
  expect(await payloads.next()).toEqual({ value: 'failed: expired', done: false });
  expect(await payloads.next()).toEqual({ value: undefined, done: true });
});

test('whoever is gone already opens nothing', async () => {
  const source = new Source();
  const payloads = new EventPayloads<number, string>({
    source,
    signal: AbortSignal.abort(),
    render: async () => '',
    renderFailure: () => '',
    isTooSlow: () => false,
    onTooSlow: () => undefined,
    onEnd: () => undefined,
  });
  expect(await payloads.next()).toEqual({ value: undefined, done: true });
  expect(source.returned).toBe(1);
});

test('a group that throws ends the subscription with the reason', async () => {
  const { source, payloads, ended } = open(() => {
    throw new Error('a group broke');
  });
  expect(await payloads.next()).toEqual({ value: 'failed: Error: a group broke', done: false });
  expect(await payloads.next()).toEqual({ value: undefined, done: true });
  expect([source.returned, ended]).toEqual([1, [0]]);
});
