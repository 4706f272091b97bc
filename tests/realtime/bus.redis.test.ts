import type { Bus } from '../../src/realtime/bus';
import { RedisBus } from '../../src/realtime/bus.redis';
import { RedisPresenceStore } from '../../src/realtime/presence-store.redis';
import { RedisRateLimiter } from '../../src/realtime/rate-limiter.redis';
import { RedisLink } from '../../src/realtime/redis-link';
import { fastestMs } from '../support/fastest';
import { onRedis } from '../support/redis';
import { canStartRedis, startRedisServer } from '../support/redis-server';
import type { RedisServer } from '../support/redis-server';
import { createTcpProxy } from '../support/tcp-proxy';
import { waitFor } from '../support/wait-for';

const PREFIX = 'parley-test:';
const TOPIC = 'session:1';
/** The promise is two seconds after Redis is back; the rest is for a busy machine. */
const HEALED_MS = 3_000;
const PUBLISH_LIMIT_MS = 5;

(canStartRedis() ? describe : describe.skip)('the redis bus when Redis fails', () => {
  let redis: RedisServer;
  const open: { close(): Promise<void> }[] = [];

  beforeAll(async () => {
    redis = await startRedisServer();
  });
  afterEach(async () => {
    redis.thaw();
    for (const thing of open.splice(0).reverse()) await thing.close();
  });
  afterAll(() => redis.stop());

  const start = (url = redis.url, log?: (message: string) => void): Bus => {
    const bus = new RedisBus({ url, prefix: PREFIX, log });
    open.push(bus);
    return bus;
  };
  const startTwo = async (url?: string): Promise<[Bus, Bus]> => {
    const buses: [Bus, Bus] = [start(url), start(url)];
    await waitFor(() => buses.every((bus) => bus.status().state === 'up'), { what: 'both up' });
    return buses;
  };
  const listen = async (bus: Bus): Promise<{ messages: Set<string>; reconnects: () => number }> => {
    const messages = new Set<string>();
    let reconnects = 0;
    await bus.subscribe(TOPIC, (message) => messages.add(message));
    bus.onReconnect(() => (reconnects += 1));
    return { messages, reconnects: () => reconnects };
  };
  /** Publishes until it is heard: at most once is the promise, and only while the connection is healthy. */
  const hears = async (publisher: Bus, heard: { messages: Set<string> }, timeoutMs = HEALED_MS): Promise<void> => {
    heard.messages.clear();
    await waitFor(
      () => {
        publisher.publish(TOPIC, 'are you there');
        return heard.messages.size > 0;
      },
      { timeoutMs, what: 'a message after the outage' },
    );
  };
  const publishesAtOnce = (bus: Bus): void => {
    const durations = Array.from({ length: 200 }, (_, n) => {
      const started = performance.now();
      bus.publish(TOPIC, `late ${n}`);
      return performance.now() - started;
    }).sort((a, b) => a - b);
    expect(durations[197]).toBeLessThan(PUBLISH_LIMIT_MS);
  };
  const isDegraded = async (buses: readonly Bus[]): Promise<void> => {
    await waitFor(() => buses.every((bus) => bus.status().state === 'degraded'), { timeoutMs: 3_000, what: 'degraded' });
  };
  const isUp = async (buses: readonly Bus[], timeoutMs = HEALED_MS): Promise<void> => {
    await waitFor(() => buses.every((bus) => bus.status().state === 'up'), { timeoutMs, what: 'up again' });
  };

  it('frozen for three seconds: says so, blocks nobody, delivers what is young, heals and tells it', async () => {
    const buses = await startTwo();
    const [here, there] = buses;
    const heard = await listen(here);
    redis.freeze();
    const frozen = performance.now();
    publishesAtOnce(there);
    await isDegraded(buses);
    expect(performance.now() - frozen).toBeLessThan(2_500);
    await expect(here.subscribe('other', () => undefined)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(here.status().topics).toBe(1);
    await waitFor(() => performance.now() - frozen > 3_000);
    redis.thaw();
    await isUp(buses);
    await waitFor(() => heard.reconnects() === 1, { what: 'onReconnect' });
    await hears(there, heard);
  }, 20_000);

  it('frozen while a subscription is on its way: UNAVAILABLE in two seconds, and nothing is left of it', async () => {
    const [here, there] = await startTwo();
    redis.freeze();
    const asked = performance.now();
    await expect(here.subscribe('other', () => undefined)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(performance.now() - asked).toBeLessThan(2_500);
    expect(here.status().topics).toBe(0);
    redis.thaw();
    await isUp([here, there]);
    const channels = await onRedis(redis.url, (client) => client.pubsub('CHANNELS'));
    expect(channels).toEqual([]);
    const heard = await listen(here);
    await hears(there, heard);
  }, 20_000);

  it('killed and started again: heals within seconds and tells it', async () => {
    const buses = await startTwo();
    const [here, there] = buses;
    const heard = await listen(here);
    await redis.kill();
    await isDegraded(buses);
    publishesAtOnce(there);
    await expect(here.subscribe('other', () => undefined)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await redis.start();
    await isUp(buses);
    await waitFor(() => heard.reconnects() === 1);
    await hears(there, heard);
  }, 20_000);

  it('out of the publisher’s reach for less than the age limit: what it published meanwhile arrives, in order', async () => {
    const proxy = await createTcpProxy({ port: redis.port });
    open.push(proxy);
    const [here, there] = [start(), start(`redis://127.0.0.1:${proxy.port}`)];
    await isUp([here, there]);
    const received: string[] = [];
    await here.subscribe(TOPIC, (message) => received.push(message));
    proxy.blackhole();
    await isDegraded([there]);
    const sent = Array.from({ length: 100 }, (_, n) => String(n));
    for (const message of sent) there.publish(TOPIC, message);
    expect(there.status().queued).toBeGreaterThan(90);
    proxy.heal();
    await waitFor(() => new Set(received).size === sent.length, { timeoutMs: HEALED_MS, what: 'all that waited' });
    expect([...new Set(received)]).toEqual(sent);
  }, 20_000);

  it('dropping its subscribers (CLIENT KILL TYPE pubsub) costs one reconnect, again and again', async () => {
    const [here, there] = await startTwo();
    const heard = await listen(here);
    for (let n = 1; n <= 5; n += 1) {
      await onRedis(redis.url, (client) => client.client('KILL', 'TYPE', 'pubsub'));
      await waitFor(() => heard.reconnects() === n, { what: `reconnect ${n}` });
      await hears(there, heard);
    }
  }, 20_000);

  it('dropping a subscriber for its output buffer costs one reconnect', async () => {
    const [here, there] = await startTwo();
    const heard = await listen(here);
    await onRedis(redis.url, (client) => client.config('SET', 'client-output-buffer-limit', 'pubsub 20000 20000 1'));
    for (let n = 0; n < 2_000; n += 1) there.publish(TOPIC, 'x'.repeat(7_000));
    await waitFor(() => heard.reconnects() > 0, { what: 'the drop' });
    await onRedis(redis.url, (client) => client.config('SET', 'client-output-buffer-limit', 'pubsub 33554432 8388608 60'));
    await hears(there, heard, 8_000);
  }, 20_000);

  it('refusing the password: degraded, one log line, and heals when it is accepted', async () => {
    await onRedis(redis.url, (client) => client.config('SET', 'requirepass', 'right'));
    const lines: string[] = [];
    const bus = start(`redis://:secret-guess@127.0.0.1:${redis.port}`, (message) => lines.push(message));
    let reconnects = 0;
    bus.onReconnect(() => (reconnects += 1));
    await waitFor(() => bus.status().detail.includes('WRONGPASS'), { what: 'the reason' });
    publishesAtOnce(bus);
    await expect(bus.subscribe(TOPIC, () => undefined)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await waitFor(() => lines.length === 2, { what: 'one line for each connection' });
    expect(lines.join()).not.toContain('secret-guess');
    const admin = redis.url.replace('//', '//:right@');
    await onRedis(admin, (client) => client.config('SET', 'requirepass', 'secret-guess'));
    await isUp([bus]);
    expect(reconnects).toBe(1);
    const heard = await listen(bus);
    await hears(bus, heard);
    expect(lines.filter((line) => line.includes('away'))).toHaveLength(2);
    await onRedis(redis.url.replace('//', '//:secret-guess@'), (client) => client.config('SET', 'requirepass', ''));
  }, 20_000);

  it('refusing channels (ACL): degraded, UNAVAILABLE, nothing left behind, and heals', async () => {
    const acl = (rule: string): Promise<unknown> =>
      onRedis(redis.url, (client) => client.acl('SETUSER', 'parley', 'on', 'nopass', '~*', '+@all', 'resetchannels', rule));
    await acl('&nothing');
    const bus = start(`redis://parley:any@127.0.0.1:${redis.port}`);
    await isUp([bus]);
    await expect(bus.subscribe(TOPIC, () => undefined)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(bus.status()).toMatchObject({ state: 'degraded', topics: 0 });
    publishesAtOnce(bus);
    await acl('&*');
    await isUp([bus], 5_000);
    await hears(bus, await listen(bus));
  }, 20_000);

  it('unable to store (maxmemory): the bus does not care, presence is UNAVAILABLE, limits are kept locally', async () => {
    const link = new RedisLink({ url: redis.url, name: 'test' });
    open.push(link);
    const bus = start();
    await isUp([bus]);
    await waitFor(() => link.up);
    await onRedis(redis.url, (client) => client.config('SET', 'maxmemory', '1'));
    await hears(bus, await listen(bus));
    await expect(new RedisPresenceStore({ link, prefix: PREFIX }).join('p', 'm', 'l', 1_000)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
    const limiter = new RedisRateLimiter({ link, prefix: PREFIX });
    const rule = { name: 'test', points: 2, windowMs: 60_000 };
    const decisions = [await limiter.consume(rule, 'k'), await limiter.consume(rule, 'k'), await limiter.consume(rule, 'k')];
    expect(decisions.map(({ allowed }) => allowed)).toEqual([true, true, false]);
    await onRedis(redis.url, (client) => client.config('SET', 'maxmemory', '0'));
  });

  it('frozen: presence is UNAVAILABLE and limits are local within half a second, and at once when it is known', async () => {
    const link = new RedisLink({ url: redis.url, name: 'test' });
    open.push(link);
    await waitFor(() => link.up);
    const presence = new RedisPresenceStore({ link, prefix: PREFIX });
    const limiter = new RedisRateLimiter({ link, prefix: PREFIX });
    const timed = async (work: Promise<unknown>): Promise<number> => {
      const started = performance.now();
      await work;
      return performance.now() - started;
    };
    redis.freeze();
    const rule = { name: 'frozen', points: 1, windowMs: 60_000 };
    const refused = expect(presence.has('p', 'm')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await timed(Promise.all([refused, limiter.consume(rule, 'k')]))).toBeLessThan(700);
    expect(await limiter.consume(rule, 'k')).toMatchObject({ allowed: false });
    await waitFor(() => !link.up, { what: 'the freeze to be noticed' });
    expect(await fastestMs(() => limiter.consume(rule, 'k'), 5)).toBeLessThan(50);
    expect(await fastestMs(() => expect(presence.list('p')).rejects.toMatchObject({ code: 'UNAVAILABLE' }), 5)).toBeLessThan(50);
    redis.thaw();
    await waitFor(
      () =>
        presence.join('p', 'm', 'l', 1_000).then(
          () => true,
          () => false,
        ),
      { timeoutMs: HEALED_MS, what: 'presence back' },
    );
  }, 20_000);

  it('losing everything (FLUSHALL): presence is there again with the next renewal', async () => {
    const link = new RedisLink({ url: redis.url, name: 'test' });
    open.push(link);
    await waitFor(() => link.up);
    const presence = new RedisPresenceStore({ link, prefix: PREFIX });
    await presence.join('p', 'm', 'l', 60_000);
    await onRedis(redis.url, (client) => client.flushall());
    expect(await presence.has('p', 'm')).toBe(false);
    await presence.join('p', 'm', 'l', 60_000);
    expect(await presence.list('p')).toEqual(['m']);
  });

  it('behind a network that swallows packets: noticed, replaced, healed', async () => {
    const proxy = await createTcpProxy({ port: redis.port });
    open.push(proxy);
    const buses = await startTwo(`redis://127.0.0.1:${proxy.port}`);
    const [here, there] = buses;
    const heard = await listen(here);
    proxy.blackhole();
    await isDegraded(buses);
    publishesAtOnce(there);
    proxy.heal();
    await isUp(buses, 5_000);
    await hears(there, heard);
    expect(heard.reconnects()).toBe(1);
  }, 20_000);

  it('behind a network that is slow, and then resets: works, heals', async () => {
    const proxy = await createTcpProxy({ port: redis.port });
    open.push(proxy);
    proxy.delay(100);
    const buses = await startTwo(`redis://127.0.0.1:${proxy.port}`);
    const [here, there] = buses;
    const heard = await listen(here);
    await hears(there, heard);
    for (const trouble of [() => proxy.reset(), () => proxy.cut()]) {
      const before = heard.reconnects();
      trouble();
      await waitFor(() => heard.reconnects() > before, { timeoutMs: HEALED_MS });
      await hears(there, heard);
    }
    await isUp(buses);
  }, 20_000);

  it.each(['frozen', 'dead'])('closes in a second when Redis is %s, with subscriptions and messages on their way', async (how) => {
    const bus = new RedisBus({ url: redis.url, prefix: PREFIX });
    await waitFor(() => bus.status().state === 'up');
    const leave = await bus.subscribe(TOPIC, () => undefined);
    if (how === 'frozen') redis.freeze();
    else await redis.kill();
    bus.publish(TOPIC, 'x');
    leave();
    const waiting = bus.subscribe('other', () => undefined);
    const refused = expect(waiting).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    const started = performance.now();
    await bus.close();
    expect(performance.now() - started).toBeLessThan(1_000);
    await refused;
    if (how === 'dead') await redis.start();
  });
});
