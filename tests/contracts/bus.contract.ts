import { randomUUID } from 'node:crypto';
import { MAX_AGE_MS, MAX_MESSAGE_BYTES, MAX_QUEUED } from '../../src/realtime/bus';
import type { Bus } from '../../src/realtime/bus';
import { waitFor } from '../support/wait-for';

/** One bus to be shown at work, with fresh names, so that nothing else is heard. */
export interface BusBench {
  /** Another instance on the same bus. For the memory bus, which has one instance, the same one again. */
  instance(): Bus;
  /** How many topics the backend itself has subscribers for: what the last listener's leaving must bring back to zero. */
  backendSubscriptions(): Promise<number>;
  /** How many connections the instances hold. */
  connections(): Promise<number>;
  close(): Promise<void>;
}

/** A bus whose backend is somewhere else can lose it. */
export interface RemoteBusBench extends BusBench {
  /** Breaks the instances' connections once. They come back by themselves. */
  breakConnections(): Promise<void>;
  /** An instance whose backend has never answered. */
  unreachable(): Bus;
}

const PUBLISH_LIMIT_MS = 5;

const topic = (): string => `test:${randomUUID()}`;

/** What the doc comment of `Bus` promises. */
export function describeBusContract(name: string, openBench: () => Promise<BusBench>): void {
  describe(`the ${name} bus`, () => {
    let bench: BusBench;
    const buses: Bus[] = [];
    const start = (): Bus => {
      const bus = bench.instance();
      buses.push(bus);
      return bus;
    };
    const startUp = async (): Promise<Bus> => {
      const bus = start();
      await waitFor(() => bus.status().state === 'up', { what: 'the bus' });
      return bus;
    };

    beforeEach(async () => {
      bench = await openBench();
    });
    afterEach(async () => {
      for (const bus of buses.splice(0)) await bus.close();
      await waitFor(async () => (await bench.connections()) === 0, { what: 'every connection closed' });
      await bench.close();
    });

    it('delivers whatever is published after subscribe has resolved, on another instance, a hundred times of a hundred', async () => {
      const [here, there] = [start(), start()];
      await waitFor(() => there.status().state === 'up');
      const received: string[] = [];
      for (let n = 0; n < 100; n += 1) {
        const one = topic();
        const unsubscribe = await here.subscribe(one, (message) => received.push(message));
        there.publish(one, String(n));
        await waitFor(() => received.length === n + 1, { what: `message ${n}` });
        unsubscribe();
      }
      expect(received).toEqual(Array.from({ length: 100 }, (_, n) => String(n)));
    });

    it('delivers to the publisher itself, to every listener of the topic, and to no other topic', async () => {
      const bus = await startUp();
      const [one, other] = [topic(), topic()];
      const heard: string[] = [];
      await bus.subscribe(one, (message) => heard.push(`a ${message}`));
      await bus.subscribe(one, (message) => heard.push(`b ${message}`));
      await bus.subscribe(other, (message) => heard.push(`other ${message}`));
      bus.publish(one, 'x');
      bus.publish(other, 'end');
      await waitFor(() => heard.includes('other end'));
      expect(heard.filter((entry) => !entry.startsWith('other')).sort()).toEqual(['a x', 'b x']);
    });

    it('keeps the order of a topic, from one publisher to every instance', async () => {
      const [here, there] = [await startUp(), await startUp()];
      const one = topic();
      const received: [string[], string[]] = [[], []];
      await here.subscribe(one, (message) => received[0].push(message));
      await there.subscribe(one, (message) => received[1].push(message));
      const sent = Array.from({ length: 3_000 }, (_, n) => String(n));
      for (const [index, message] of sent.entries()) {
        here.publish(one, message);
        if (index % 500 === 0) await new Promise(setImmediate);
      }
      await waitFor(() => received.every((messages) => messages.length >= sent.length), { timeoutMs: 10_000 });
      expect(received).toEqual([sent, sent]);
    });

    it('delivers later than publish returns, so that a publisher is never re-entered', async () => {
      const bus = await startUp();
      const one = topic();
      let publishing = false;
      const reentered: boolean[] = [];
      await bus.subscribe(one, () => reentered.push(publishing));
      publishing = true;
      bus.publish(one, 'x');
      publishing = false;
      await waitFor(() => reentered.length === 1);
      expect(reentered).toEqual([false]);
    });

    it('carries any text unchanged, equal messages as often as they were published', async () => {
      const bus = await startUp();
      const one = topic();
      const received: string[] = [];
      await bus.subscribe(one, (message) => received.push(message));
      const texts = [
        '',
        '"quoted"',
        '{"at":"2026-01-01T00:00:00.000Z"}',
        '12',
        'null',
        'zażółć 🎉',
        'a:b\nc',
        '"'.repeat(MAX_MESSAGE_BYTES),
        'same',
        'same',
      ];
      for (const text of texts) bus.publish(one, text);
      await waitFor(() => received.length === texts.length);
      expect(received).toEqual(texts);
    });

    it('carries any topic', async () => {
      const bus = await startUp();
      for (const one of [`${topic()} * ? [a]`, `${topic()}:"x"\n`, `${topic()}-żółć-🎉`]) {
        const received: string[] = [];
        await bus.subscribe(one, (message) => received.push(message));
        bus.publish(one, 'x');
        await waitFor(() => received.length === 1, { what: one });
      }
    });

    it('drops and counts what is too long or holds NUL, and goes on', async () => {
      const bus = await startUp();
      const one = topic();
      const received: string[] = [];
      await bus.subscribe(one, (message) => received.push(message));
      bus.publish(one, 'a'.repeat(MAX_MESSAGE_BYTES + 1));
      bus.publish(one, 'ż'.repeat(MAX_MESSAGE_BYTES / 2 + 1));
      bus.publish(one, 'nul \u0000');
      bus.publish('t'.repeat(501), 'x');
      bus.publish(one, 'after');
      await waitFor(() => received.length === 1);
      expect(received).toEqual(['after']);
      await waitFor(() => bus.status().published > 0, { what: 'the count' });
      expect(bus.status()).toMatchObject({ dropped: 4, published: 1, queued: 0 });
    });

    it('goes on delivering when a listener throws', async () => {
      const bus = await startUp();
      const one = topic();
      const received: string[] = [];
      await bus.subscribe(one, () => {
        throw new Error('a listener’s own fault');
      });
      await bus.subscribe(one, (message) => received.push(message));
      bus.publish(one, '1');
      bus.publish(one, '2');
      await waitFor(() => received.length === 2);
      expect(received).toEqual(['1', '2']);
    });

    it('stops delivering the moment a listener leaves, even in the middle of a message', async () => {
      const bus = await startUp();
      const one = topic();
      const received: string[] = [];
      const leaveSecond = { call: (): void => undefined };
      await bus.subscribe(one, () => leaveSecond.call());
      leaveSecond.call = await bus.subscribe(one, (message) => received.push(message));
      const seen: string[] = [];
      await bus.subscribe(one, (message) => seen.push(message));
      bus.publish(one, 'x');
      await waitFor(() => seen.length === 1);
      expect(received).toEqual([]);
      leaveSecond.call();
    });

    it('holds one backend subscription per topic, and none when the last listener has left', async () => {
      const bus = await startUp();
      const before = await bench.backendSubscriptions();
      const one = topic();
      const leave = await Promise.all([1, 2, 3].map(() => bus.subscribe(one, () => undefined)));
      expect(bus.status().topics).toBe(1);
      expect((await bench.backendSubscriptions()) - before).toBeLessThanOrEqual(1);
      leave[0]?.();
      leave[0]?.();
      leave[1]?.();
      expect(bus.status().topics).toBe(1);
      leave[2]?.();
      expect(bus.status().topics).toBe(0);
      await waitFor(async () => (await bench.backendSubscriptions()) === before, { what: 'the backend subscription to end' });
    });

    it('loses no subscription when the last listener leaves and another comes at the same moment', async () => {
      const bus = await startUp();
      const one = topic();
      const received: number[] = [];
      let unsubscribe = await bus.subscribe(one, () => received.push(0));
      for (let n = 1; n <= 50; n += 1) {
        unsubscribe();
        if (n % 3 === 0) await Promise.resolve();
        if (n % 3 === 1) await new Promise(setImmediate);
        const abandoned = bus.subscribe(one, () => received.push(-1));
        const next = bus.subscribe(one, () => received.push(n));
        (await abandoned)();
        unsubscribe = await next;
        bus.publish(one, 'x');
        await waitFor(() => received.length === n, { what: `listener ${n}` });
      }
      expect(received).toEqual(Array.from({ length: 50 }, (_, n) => n + 1));
      unsubscribe();
      expect(bus.status().topics).toBe(0);
    });

    it('subscribes a thousand topics at once', async () => {
      const [here, there] = [await startUp(), await startUp()];
      const heard = new Set<string>();
      const topics = Array.from({ length: 1_000 }, topic);
      const leave = await Promise.all(topics.map((one) => here.subscribe(one, () => heard.add(one))));
      for (const one of topics) there.publish(one, 'x');
      await waitFor(() => heard.size === topics.length, { what: 'all thousand' });
      for (const unsubscribe of leave) unsubscribe();
      expect(here.status().topics).toBe(0);
      await waitFor(async () => (await bench.backendSubscriptions()) === 0, { what: 'no subscription left' });
    });

    it('refuses subscriptions and drops messages once it is closed, and closes twice', async () => {
      const bus = await startUp();
      const received: string[] = [];
      const one = topic();
      await bus.subscribe(one, (message) => received.push(message));
      bus.publish(one, 'x');
      await Promise.all([bus.close(), bus.close()]);
      bus.publish(one, 'y');
      await expect(bus.subscribe(one, () => undefined)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      expect(bus.status()).toMatchObject({ state: 'degraded', topics: 0, queued: 0 });
      expect(bus.status().dropped).toBeGreaterThanOrEqual(1);
    });
  });
}

/** What it promises besides when the backend is somewhere else. */
export function describeRemoteBusContract(name: string, openBench: () => Promise<RemoteBusBench>): void {
  describeBusContract(name, openBench);

  describe(`the ${name} bus, in trouble`, () => {
    let bench: RemoteBusBench;
    const buses: Bus[] = [];
    const startUp = async (): Promise<Bus> => {
      const bus = bench.instance();
      buses.push(bus);
      await waitFor(() => bus.status().state === 'up', { what: 'the bus' });
      return bus;
    };

    beforeEach(async () => {
      bench = await openBench();
    });
    afterEach(async () => {
      for (const bus of buses.splice(0)) await bus.close();
      await bench.close();
    });

    it('subscribes again after its connections broke, then tells it', async () => {
      const [here, there] = [await startUp(), await startUp()];
      const topics = Array.from({ length: 20 }, topic);
      const heard = new Set<string>();
      for (const one of topics) await here.subscribe(one, () => heard.add(one));
      const reconnected = { here: 0, removed: 0 };
      here.onReconnect(() => {
        reconnected.here += 1;
        // Told after the subscriptions stand: what is published now is heard.
        for (const one of topics) there.publish(one, 'x');
      });
      here.onReconnect(() => (reconnected.removed += 1))();
      await bench.breakConnections();
      await waitFor(() => reconnected.here === 1, { what: 'onReconnect' });
      await waitFor(() => heard.size === topics.length, { what: 'every topic again' });
      expect(reconnected).toEqual({ here: 1, removed: 0 });
      // Publishing has a connection of its own, which comes back in its own time.
      await waitFor(() => here.status().state === 'up', { what: 'both connections up again' });
    });

    it('away from the start: publish returns at once and never throws, subscribe is UNAVAILABLE within two seconds, nothing grows', async () => {
      const bus = bench.unreachable();
      const durations: number[] = [];
      const one = topic();
      for (let n = 0; n < MAX_QUEUED + 100; n += 1) {
        const started = performance.now();
        bus.publish(one, String(n));
        durations.push(performance.now() - started);
      }
      expect(bus.status().queued).toBe(MAX_QUEUED);
      expect(bus.status().dropped).toBe(100);
      const asked = performance.now();
      await expect(bus.subscribe(one, () => undefined)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      expect(performance.now() - asked).toBeLessThan(2_500);
      expect(bus.status()).toMatchObject({ state: 'degraded', topics: 0, published: 0 });
      await waitFor(() => bus.status().queued === 0, { timeoutMs: MAX_AGE_MS + 1_000, what: 'old messages to be dropped' });
      expect(bus.status().dropped).toBe(MAX_QUEUED + 100);
      await bus.close();
      durations.sort((a, b) => a - b);
      expect(durations[Math.floor(durations.length * 0.999)]).toBeLessThan(PUBLISH_LIMIT_MS);
    });
  });
}
