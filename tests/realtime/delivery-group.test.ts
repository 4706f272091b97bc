import fc from 'fast-check';
import { ShareGroups } from '../../src/graphql/share-groups';
import type { Database } from '../../src/persistence/database';
import { MemoryBus } from '../../src/realtime/bus.memory';
import type { Batch, DeliveryGroupOptions, Member } from '../../src/realtime/delivery-group';
import { DeliveryGroup } from '../../src/realtime/delivery-group';
import { defineEvent } from '../../src/realtime/event';
import type { StreamEvent, StreamId, StreamItem } from '../../src/realtime/event';
import { EventLog } from '../../src/realtime/event-log';
import { LiveStream } from '../../src/realtime/live-stream';
import { Subscription } from '../../src/realtime/subscription';
import type { Audience, FollowedStream } from '../../src/realtime/subscription';
import { openTestDatabase, testBackends } from '../support/databases';
import type { TestDatabase } from '../support/databases';
import { createTestKernel } from '../support/test-kernel';
import type { TestKernel } from '../support/test-kernel';
import { waitFor } from '../support/wait-for';

const EPOCH = 'aaaaaaaaaaaa';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const turns = async (n: number): Promise<void> => {
  for (let i = 0; i < n; i += 1) await turn();
};
/** The whole numbers after one up to another. */
const between = (after: number, upTo: number): number[] =>
  Array.from({ length: Math.max(0, upTo - after) }, (_, index) => after + index + 1);

describe('a delivery group', () => {
  class Recorder implements Member<string> {
    readonly offsets: number[] = [];
    readonly batches: Batch<string>[] = [];
    reached: number;
    /** Where the group let it go. */
    leftAt: number | null = null;

    constructor(readonly offset: number) {
      this.reached = offset;
    }

    letGo(): void {
      this.leftAt = this.reached;
    }

    deliver(batch: Batch<string>): void {
      this.batches.push(batch);
      for (const { offset, payload } of batch.items) {
        expect(payload).toBe(`#${offset}`);
        this.offsets.push(offset);
      }
    }
  }

  function createGroup(options: Partial<DeliveryGroupOptions<string>> = {}) {
    const live = new LiveStream('test:1', { epoch: EPOCH, head: 0, tail: 0 }, new EventLog({} as Database), { gaps: 0, logReads: 0 });
    const rendered: number[] = [];
    let emptied = 0;
    const group = new DeliveryGroup<string>({
      live,
      accept: undefined,
      shares: undefined,
      onEmpty: () => (emptied += 1),
      ...options,
      render: (event) => {
        rendered.push(event.offset);
        return options.render?.(event) ?? `#${event.offset}`;
      },
    });
    const join = (): Recorder => {
      const member = new Recorder(live.position.offset);
      group.join(member);
      return member;
    };
    const publish = (n = 1): void => live.committed(between(live.position.offset, live.position.offset + n).map(eventAt));
    return { live, group, rendered, join, publish, emptied: () => emptied };
  }

  const eventAt = (offset: number): StreamEvent => ({
    stream: 'test:1',
    epoch: EPOCH,
    offset,
    type: 'test.counted',
    version: 1,
    payload: {},
    at: new Date(0),
  });

  it('renders once and delivers the events of one turn in one call', async () => {
    const { rendered, join, publish } = createGroup();
    const members = [join(), join(), join()];
    publish(2);
    publish(3);
    await turn();
    expect(rendered).toEqual([1, 2, 3, 4, 5]);
    for (const { offsets, batches } of members) expect([offsets, batches.length]).toEqual([[1, 2, 3, 4, 5], 1]);
    let computed = 0;
    for (const { batches } of members) batches[0]!.once('key', () => (computed += 1));
    expect(computed).toBe(1);
  });

  it('gives who joins amid a turn only what comes after it', async () => {
    const { join, publish } = createGroup();
    const early = join();
    publish(2);
    const amid = join();
    publish();
    const late = join();
    await turn();
    publish();
    await turn();
    expect([early.offsets, amid.offsets, late.offsets]).toEqual([[1, 2, 3, 4], [3, 4], [4]]);
  });

  it('waits for a rendering that takes longer, with everything behind it', async () => {
    const finish: (() => void)[] = [];
    const slow = (event: StreamEvent): string | Promise<string> =>
      event.offset % 2 === 1 ? new Promise((resolve) => finish.push(() => resolve(`#${event.offset}`))) : `#${event.offset}`;
    const { join, publish } = createGroup({ render: slow });
    const member = join();
    publish(4);
    await turns(3);
    expect(member.offsets).toEqual([]);
    finish.shift()?.();
    await turns(3);
    expect(member.offsets).toEqual([1, 2]);
    finish.shift()?.();
    await turns(3);
    expect(member.offsets).toEqual([1, 2, 3, 4]);
  });

  it('skips what is not accepted, and renders it for nobody', async () => {
    const { rendered, join, publish } = createGroup({ accept: ({ offset }) => offset % 3 === 0 });
    const member = join();
    publish(10);
    await turn();
    expect([rendered, member.offsets]).toEqual([
      [3, 6, 9],
      [3, 6, 9],
    ]);
  });

  it('lets everybody go before an event that is not for sharing, with what was ready', async () => {
    const { live, group, rendered, join, publish, emptied } = createGroup({ shares: ({ offset }) => offset !== 4 });
    const [first, second] = [join(), join()];
    publish(6);
    await turn();
    expect([first, second].map(({ offsets, leftAt }) => [offsets, leftAt])).toEqual([
      [[1, 2, 3], 3],
      [[1, 2, 3], 3],
    ]);
    expect([rendered, group.size, live.listeners.size, emptied()]).toEqual([[1, 2, 3], 0, 0, 1]);
  });

  it('lets everybody go where they stand when the stream is lost, amid a rendering too', async () => {
    const slow = (event: StreamEvent): string | Promise<string> => (event.offset < 3 ? `#${event.offset}` : new Promise(() => undefined));
    const { live, group, join, publish } = createGroup({ render: slow });
    const member = join();
    publish(5);
    live.checked({ epoch: 'bbbbbbbbbbbb', head: 0, tail: 0 }, live.position);
    await turn();
    expect([member.offsets, member.leftAt, group.size, live.listeners.size]).toEqual([[1, 2], 2, 0, 0]);
  });

  it('is not disturbed by a member that leaves while it is given something', async () => {
    const { group, join, publish } = createGroup();
    const [first, second, third] = [join(), join(), join()];
    first.deliver = () => {
      group.leave(first);
      group.leave(second);
    };
    publish(2);
    await turn();
    expect([second.offsets, third.offsets, first.leftAt, second.leftAt]).toEqual([[], [1, 2], 2, 0]);
  });

  it('gives each member exactly its events, for any coming and going and any slowness', async () => {
    const steps = fc.array(
      fc.oneof(
        {
          weight: 4,
          arbitrary: fc.record({ do: fc.constant('publish' as const), slowness: fc.array(fc.nat(4), { minLength: 1, maxLength: 4 }) }),
        },
        { weight: 2, arbitrary: fc.record({ do: fc.constant('join' as const) }) },
        { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), who: fc.nat(20) }) },
        { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), turns: fc.integer({ min: 1, max: 3 }) }) },
      ),
      { maxLength: 30 },
    );
    await fc.assert(
      fc.asyncProperty(steps, async (plan) => {
        const slowness = new Map<number, number>();
        const render = ({ offset }: StreamEvent): string | Promise<string> => {
          const wait = slowness.get(offset) ?? 0;
          return wait === 0 ? `#${offset}` : turns(wait).then(() => `#${offset}`);
        };
        const { live, group, rendered, join, publish } = createGroup({ render });
        const members = [join()];
        const gone = new Set<Recorder>();
        for (const step of plan) {
          if (step.do === 'publish') {
            step.slowness.forEach((wait, index) => slowness.set(live.position.offset + index + 1, wait));
            publish(step.slowness.length);
          } else if (step.do === 'join') {
            if (gone.size < members.length) members.push(join());
          } else if (step.do === 'leave') {
            const member = members[step.who % members.length]!;
            group.leave(member);
            gone.add(member);
          } else await turns(step.turns);
        }
        const head = live.position.offset;
        const staying = members.filter((member) => !gone.has(member));
        await waitFor(() => staying.every(({ offset, offsets }) => (offsets.at(-1) ?? offset) === head), { what: 'everyone at the head' });
        for (const member of staying) expect(member.offsets).toEqual(between(member.offset, head));
        for (const member of gone) expect(member.offsets).toEqual(between(member.offset, member.leftAt ?? -1));
        if (staying.length > 0) await waitFor(() => rendered.length === head, { what: 'every rendering' });
        expect(rendered).toEqual(between(0, rendered.length));
        for (const member of staying) group.leave(member);
        expect([group.size, live.listeners.size]).toEqual([0, 0]);
      }),
      { numRuns: 500 },
    );
  });
});

const counted = defineEvent<{ n: number; filler?: string }>('test.counted');
const personal = defineEvent<{ n: number }>('test.personal');
const EVERYBODY: Audience = { key: 'everybody', shares: (event) => !personal.is(event) };

/** Reads as a subscription does: with a group while it can, by itself when it must. */
class Rider {
  readonly items: { readonly kind: 'opened' | 'event'; readonly offset: number; readonly recovered?: boolean }[] = [];
  readonly done: Promise<void>;
  byGroup = 0;

  constructor(
    readonly source: FollowedStream,
    private readonly groups: ShareGroups,
    private readonly slow: boolean,
  ) {
    this.done = this.read();
  }

  get offset(): number {
    return this.items.at(-1)?.offset ?? -1;
  }

  async leave(): Promise<void> {
    await this.source.return?.();
    await this.done;
  }

  private async read(): Promise<void> {
    for (;;) {
      while (this.source.standsAtHead) await this.ride();
      const { value, done } = await this.source.next();
      if (done === true) return;
      this.items.push(placeOf(value));
    }
  }

  private ride(): Promise<void> {
    return new Promise((dismounted) =>
      this.groups.ride(this.source, String(this.slow), this.render, { takeShared: this.take, dismounted }),
    );
  }

  private readonly render = (item: StreamItem): string | Promise<string> => {
    const text = JSON.stringify(placeOf(item));
    return this.slow ? turns(placeOf(item).offset % 4).then(() => text) : text;
  };

  private readonly take = (batch: Batch<string>): void => {
    this.byGroup += batch.items.length;
    for (const { payload } of batch.items) this.items.push(JSON.parse(payload) as Rider['items'][number]);
  };
}

function placeOf(item: StreamItem): Rider['items'][number] {
  return item.kind === 'event'
    ? { kind: 'event', offset: item.event.offset }
    : { kind: 'opened', offset: item.position.offset, recovered: item.recovered };
}

let streams = 0;

describe.each(testBackends())('riding with a group on %s', (kind) => {
  let opened: TestDatabase;
  let kernels: TestKernel[] = [];
  let groups: ShareGroups;

  beforeAll(async () => {
    opened = await openTestDatabase(kind);
  });
  beforeEach(() => {
    const bus = new MemoryBus();
    kernels = [createTestKernel(opened.database, bus), createTestKernel(opened.database, bus)];
    groups = new ShareGroups();
  });
  afterEach(async () => {
    for (const kernel of kernels) {
      await kernel.close();
      expect(kernel.fanOut.stats()).toMatchObject({ streams: 0, subscribers: 0 });
    }
    expect(groups.size).toBe(0);
  });
  afterAll(() => opened.drop());

  const newStream = (): StreamId => `ride:${(streams += 1)}`;
  const publish = (kernel: TestKernel, stream: StreamId, ...events: readonly { personal: boolean; filler?: string }[]): Promise<void> =>
    kernel.unitOfWork.run((tx) => {
      for (const event of events)
        tx.record(
          stream,
          event.personal ? personal.record({ n: 1 }) : counted.record({ n: 1, ...(event.filler && { filler: event.filler }) }),
        );
      return Promise.resolve();
    });
  const shared = { personal: false };
  const follow = async (stream: StreamId, slow = false): Promise<Rider> =>
    new Rider(await kernels[0]!.fanOut.follow(stream, { signal: new AbortController().signal, audience: EVERYBODY }), groups, slow);

  it('carries everybody in one group and lets them go when they end', async () => {
    const stream = newStream();
    const riders = [await follow(stream), await follow(stream), await follow(stream)];
    await publish(kernels[0]!, stream, shared);
    await waitFor(() => riders.every((rider) => rider.byGroup === 1), { what: 'the first event' });
    expect(groups.size).toBe(1);
    await riders[1]!.leave();
    await publish(kernels[1]!, stream, shared, shared);
    await waitFor(() => riders[0]!.offset === 3 && riders[2]!.offset === 3, { what: 'the next events' });
    expect(riders.map(({ byGroup }) => byGroup)).toEqual([3, 1, 3]);
    await Promise.all(riders.map((rider) => rider.leave()));
  });

  it('loses and doubles nothing around events that each must read for itself', async () => {
    const plan = fc.array(
      fc.oneof(
        {
          weight: 4,
          arbitrary: fc.record({
            do: fc.constant('publish' as const),
            personal: fc.array(fc.nat(5), { minLength: 1, maxLength: 6 }),
            by: fc.nat(1),
          }),
        },
        { weight: 1, arbitrary: fc.record({ do: fc.constant('join' as const), slow: fc.boolean() }) },
        { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), who: fc.nat(9) }) },
        { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const) }) },
      ),
      { minLength: 2, maxLength: 14 },
    );
    let byGroup = 0;
    await fc.assert(
      fc.asyncProperty(plan, async (steps) => {
        const stream = newStream();
        const riders = [await follow(stream), await follow(stream, true)];
        const gone = new Set<Rider>();
        const publishing: Promise<void>[] = [];
        let head = 0;
        for (const step of steps) {
          if (step.do === 'publish') {
            head += step.personal.length;
            publishing.push(publish(kernels[step.by]!, stream, ...step.personal.map((n) => ({ personal: n === 0 }))));
          } else if (step.do === 'join') riders.push(await follow(stream, step.slow));
          else if (step.do === 'leave') {
            const rider = riders[step.who % riders.length]!;
            await rider.leave();
            gone.add(rider);
          } else await turn();
        }
        await Promise.all(publishing);
        const staying = riders.filter((rider) => !gone.has(rider));
        await waitFor(() => staying.every(({ offset }) => offset === head), { what: `everyone at ${head}` });
        await Promise.all(riders.map((rider) => rider.leave()));
        for (const { items } of riders) {
          const [first, ...events] = items;
          if (first === undefined) continue;
          expect(first).toMatchObject({ kind: 'opened', recovered: true });
          expect(events.map(({ offset }) => offset)).toEqual(between(first.offset, items.at(-1)!.offset));
        }
        expect(groups.size).toBe(0);
        byGroup += riders.reduce((sum, rider) => sum + rider.byGroup, 0);
      }),
      { numRuns: 100 },
    );
    expect(byGroup).toBeGreaterThan(100);
  }, 60_000);

  it('tells everybody when the log was lost and replaced, and goes on together', async () => {
    const stream = newStream();
    const riders = [await follow(stream), await follow(stream, true), await follow(stream)];
    await publish(kernels[0]!, stream, shared, shared);
    await waitFor(() => riders.every(({ offset }) => offset === 2), { what: 'two events' });
    await opened.database.sql(`UPDATE streams SET epoch = 'bbbbbbbbbbbb', head = 0 WHERE id = $1`, [stream]);
    await opened.database.sql('DELETE FROM events WHERE stream_id = $1', [stream]);
    await waitFor(() => riders.every(({ items }) => items.at(-1)?.recovered === false), { what: 'the gap' });
    await publish(kernels[1]!, stream, shared);
    await waitFor(() => riders.every(({ offset }) => offset === 1), { what: 'the new first event' });
    for (const { items, byGroup } of riders) {
      expect(items.map(({ kind: what, offset }) => `${what} ${offset}`)).toEqual(['opened 0', 'event 1', 'event 2', 'opened 0', 'event 1']);
      expect(byGroup).toBe(3);
    }
    await Promise.all(riders.map((rider) => rider.leave()));
  });

  it('does not count what a group delivered as lag when it lets a reader go', async () => {
    const stream = newStream();
    const source = await kernels[0]!.fanOut.follow(stream, { signal: new AbortController().signal, audience: EVERYBODY });
    if (!(source instanceof Subscription)) throw new Error('a followed stream is a subscription');
    await source.next();
    const alone = source.next();
    await publish(kernels[0]!, stream, shared);
    await alone;
    const riding = new Promise<void>((dismounted) => groups.ride(source, '', () => '', { takeShared: () => undefined, dismounted }));
    for (let n = 0; n < 12; n += 1) await publish(kernels[0]!, stream, { personal: false, filler: 'x'.repeat(100_000) });
    await publish(kernels[0]!, stream, { personal: true });
    await riding;
    source.checkLag();
    expect(source.overflowed.aborted).toBe(false);
    expect(await source.next()).toMatchObject({ value: { event: { offset: 14, type: 'test.personal' } } });
    await source.return();
  });
});
