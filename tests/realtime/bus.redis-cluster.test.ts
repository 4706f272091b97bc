import type { Bus } from '../../src/realtime/bus';
import { channelOf } from '../../src/realtime/bus.redis';
import { RedisClusterBus } from '../../src/realtime/bus.redis-cluster';
import { RedisPresenceStore } from '../../src/realtime/presence-store.redis';
import { RedisRateLimiter } from '../../src/realtime/rate-limiter.redis';
import { RedisClusterLink } from '../../src/realtime/redis-cluster-link';
import { slotOf } from '../../src/realtime/redis-slots';
import { fastestMs } from '../support/fastest';
import { onRedis, uniquePrefix } from '../support/redis';
import { canStartCluster, startRedisCluster } from '../support/redis-cluster';
import type { RedisCluster } from '../support/redis-cluster';
import type { RedisServer } from '../support/redis-server';
import { waitFor } from '../support/wait-for';

/** The promise is two seconds after the replica is master; the rest is for a busy machine. */
const HEALED_MS = 5_000;
const TOPICS = Array.from({ length: 30 }, (_, n) => `session:${n}`);

interface Heard {
  readonly topics: Set<string>;
  reconnects: number;
}

(canStartCluster() ? describe : describe.skip)('the redis cluster bus when the cluster changes', () => {
  let cluster: RedisCluster;
  let prefix: string;
  const open: { close(): Promise<void> }[] = [];

  beforeEach(async () => {
    cluster = await startRedisCluster();
    prefix = uniquePrefix();
  });
  afterEach(async () => {
    for (const master of cluster.masters) master.thaw();
    for (const thing of open.splice(0).reverse()) await thing.close();
    await cluster.stop();
  });

  const startBus = async (): Promise<Bus> => {
    // One seed, and by a name that the cluster itself does not go by.
    const bus = new RedisClusterBus({ seeds: [`redis://localhost:${cluster.masters[0].port}`], prefix });
    open.push(bus);
    await waitFor(() => bus.status().state === 'up', { what: 'the bus' });
    return bus;
  };
  const startLink = async (): Promise<RedisClusterLink> => {
    const link = new RedisClusterLink({ seeds: cluster.seeds, name: 'test' });
    open.push(link);
    await waitFor(() => link.up, { what: 'the link' });
    return link;
  };
  const listen = async (bus: Bus): Promise<Heard> => {
    const heard: Heard = { topics: new Set(), reconnects: 0 };
    await Promise.all(TOPICS.map((topic) => bus.subscribe(topic, () => heard.topics.add(topic))));
    bus.onReconnect(() => (heard.reconnects += 1));
    return heard;
  };
  /** Publishes until it is heard: at most once is the promise, and only while the connections are healthy. */
  const hears = async (publisher: Bus, heard: Heard, topics: readonly string[], timeoutMs?: number): Promise<void> => {
    heard.topics.clear();
    const missing = (): string[] => topics.filter((topic) => !heard.topics.has(topic));
    await waitFor(
      () => {
        for (const topic of missing()) publisher.publish(topic, 'are you there');
        return missing().length === 0;
      },
      { timeoutMs, what: 'every topic' },
    );
  };
  const channelsOn = (master: RedisServer): Promise<string[]> =>
    onRedis(master.url, async (client) => ((await client.call('PUBSUB', 'SHARDCHANNELS', `${prefix}*`)) as unknown[]).map(String));
  const topicsOn = async (master: RedisServer): Promise<string[]> => {
    const channels = await channelsOn(master);
    return TOPICS.filter((topic) => channels.includes(channelOf(prefix, topic)));
  };

  it('spreads topics over the masters by the slots of their channels, each on one alone', async () => {
    await listen(await startBus());
    const lists = await Promise.all(cluster.masters.map(topicsOn));
    expect(lists.flat().sort()).toEqual([...TOPICS].sort());
    expect(lists.every((topics) => topics.length > 0)).toBe(true);
    const texts = ['', 'foo', '{a}b', 'b{a}', '{}a', 'a{b', 'żółć {🎉} x', channelOf(prefix, 'session:1')];
    const slots = await onRedis(cluster.masters[0].url, (client) => Promise.all(texts.map((text) => client.cluster('KEYSLOT', text))));
    expect(texts.map(slotOf)).toEqual(slots);
  });

  it('follows topics whose slot moves, and tells of it', async () => {
    const [here, there] = [await startBus(), await startBus()];
    const heard = await listen(here);
    const [from, to] = cluster.masters;
    const moved = await topicsOn(from);
    for (const topic of moved) await cluster.moveSlot(slotOf(channelOf(prefix, topic)), from, to);
    await waitFor(async () => (await topicsOn(from)).length === 0, { what: 'nothing left behind' });
    await hears(there, heard, TOPICS);
    expect(await topicsOn(to)).toEqual(expect.arrayContaining(moved));
    await waitFor(() => here.status().state === 'up' && there.status().state === 'up', { timeoutMs: HEALED_MS, what: 'up again' });
    await waitFor(() => heard.reconnects > 0, { what: 'onReconnect' });
  }, 30_000);

  it('what is published while a slot moves arrives when nobody knew yet', async () => {
    const bus = await startBus();
    const [from, to] = cluster.masters;
    const [topic = ''] = TOPICS.filter((one) => cluster.masterOf(channelOf(prefix, one)) === from);
    await cluster.moveSlot(slotOf(channelOf(prefix, topic)), from, to);
    const other = new RedisClusterBus({ seeds: cluster.seeds, prefix });
    open.push(other);
    const received: string[] = [];
    await other.subscribe(topic, (message) => received.push(message));
    for (let n = 0; n < 50; n += 1) bus.publish(topic, String(n));
    await waitFor(() => received.length === 50, { what: 'all of it' });
    expect(bus.status()).toMatchObject({ dropped: 0, queued: 0 });
  });

  it('a master that dies is followed to its replica, and the other topics do not notice', async () => {
    const [dying] = cluster.masters;
    const replica = await cluster.addReplica(dying);
    const [here, there] = [await startBus(), await startBus()];
    const heard = await listen(here);
    const lost = await topicsOn(dying);
    await dying.kill();
    await waitFor(() => here.status().state === 'degraded', { what: 'degraded' });
    expect(here.status().detail).toContain(`127.0.0.1:${dying.port}`);
    await hears(
      there,
      heard,
      TOPICS.filter((topic) => !lost.includes(topic)),
      2_000,
    );
    await cluster.takeOver(replica);
    await hears(there, heard, TOPICS, HEALED_MS);
    await waitFor(() => here.status().state === 'up' && there.status().state === 'up', { timeoutMs: HEALED_MS, what: 'up again' });
    expect(heard.reconnects).toBeGreaterThan(0);
    expect(here.status().topics).toBe(TOPICS.length);
  }, 40_000);

  it('presence and limits on a master that dies: UNAVAILABLE and local in time, back with its replica', async () => {
    const [dying] = cluster.masters;
    const replica = await cluster.addReplica(dying);
    const link = await startLink();
    const presence = new RedisPresenceStore({ link, prefix });
    const limiter = new RedisRateLimiter({ link, prefix });
    const [place = ''] = TOPICS.filter((topic) => cluster.masterOf(`{${topic}}`) === dying);
    const [far = ''] = TOPICS.filter((topic) => cluster.masterOf(`{${topic}}`) !== dying);
    await presence.join(place, 'anna', 'tab', 60_000);
    await dying.kill();
    const asked = performance.now();
    await expect(presence.list(place)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(performance.now() - asked).toBeLessThan(2_000);
    const rule = { name: 'test', points: 1, windowMs: 60_000 };
    const decisions = await Promise.all(TOPICS.map((key) => limiter.consume(rule, key)));
    expect(decisions.every(({ allowed }) => allowed)).toBe(true);
    await cluster.takeOver(replica);
    const joins = (): Promise<boolean> =>
      Promise.all([place, far].map((each) => presence.join(each, 'ben', 'tab', 60_000))).then(
        () => true,
        () => false,
      );
    await waitFor(joins, { timeoutMs: HEALED_MS, what: 'presence on the replica' });
    expect(await presence.has(place, 'ben')).toBe(true);
    await limiter.close();
  }, 40_000);

  it('the whole cluster gone and back, and a master frozen: commands reject soon when it is known, and heal', async () => {
    const link = await startLink();
    const presence = new RedisPresenceStore({ link, prefix });
    const joinAll = (): Promise<unknown> => Promise.all(TOPICS.map((place) => presence.join(place, 'anna', 'tab', 60_000)));
    const works = (): Promise<boolean> =>
      joinAll().then(
        () => true,
        () => false,
      );
    await joinAll();
    const [frozen] = cluster.masters;
    for (const [fail, heal] of [
      [() => Promise.resolve(frozen.freeze()), () => Promise.resolve(frozen.thaw())],
      [
        () => Promise.all(cluster.masters.map((master) => master.kill())),
        () => Promise.all(cluster.masters.map((master) => master.start())),
      ],
    ] as const) {
      await fail();
      const asked = performance.now();
      await expect(joinAll()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      expect(performance.now() - asked).toBeLessThan(2_000);
      await waitFor(() => !link.up, { timeoutMs: HEALED_MS, what: 'the outage to be noticed' });
      const [place = ''] = TOPICS.filter((topic) => cluster.masterOf(`{${topic}}`) === frozen);
      expect(await fastestMs(() => expect(presence.list(place)).rejects.toMatchObject({ code: 'UNAVAILABLE' }), 5)).toBeLessThan(200);
      await heal();
      await waitFor(works, { timeoutMs: HEALED_MS, what: 'presence again' });
      await waitFor(() => link.up, { timeoutMs: HEALED_MS, what: 'every master again' });
    }
  }, 60_000);

  it('a master that freezes without a replica keeps back its own topics alone, and heals', async () => {
    const [here, there] = [await startBus(), await startBus()];
    const heard = await listen(here);
    const [, frozen] = cluster.masters;
    const lost = await topicsOn(frozen);
    frozen.freeze();
    await waitFor(() => here.status().state === 'degraded', { timeoutMs: 3_000, what: 'degraded' });
    const [topic = ''] = lost;
    await waitFor(
      () =>
        here
          .subscribe(topic, () => undefined)
          .then(
            () => false,
            ({ code }: { code: string }) => code === 'UNAVAILABLE',
          ),
      { what: 'no subscription there' },
    );
    await hears(
      there,
      heard,
      TOPICS.filter((one) => !lost.includes(one)),
      2_000,
    );
    frozen.thaw();
    await waitFor(() => here.status().state === 'up', { timeoutMs: HEALED_MS, what: 'up again' });
    await hears(there, heard, TOPICS, HEALED_MS);
  }, 40_000);
});
