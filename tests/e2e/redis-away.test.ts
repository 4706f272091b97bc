import { OnChannelEventsDocument, SendMessageDocument } from '../support/generated/graphql';
import { setStage } from '../support/factories/stage';
import type { RedisServer } from '../support/redis-server';
import { startRedisServer } from '../support/redis-server';
import { APP_BACKENDS, startTestApp } from '../support/test-app';
import type { TestApp } from '../support/test-app';
import { waitFor } from '../support/wait-for';

/** Events may be this late while Redis is away: a head check a second, and the read. */
const LATENESS_MS = 2_000;
const MUTATION_P99_MS = 300;

// Only the Redis tier can lose Redis; the embedded run of the suite has nothing to say here.
const describeRedis = APP_BACKENDS === 'postgres-redis' ? describe : describe.skip;

describeRedis('with Redis away', () => {
  let redis: RedisServer;
  let apps: [TestApp, TestApp];
  beforeAll(async () => {
    redis = await startRedisServer();
    const first = await startTestApp({ redis: { kind: 'server', url: redis.url } });
    apps = [first, await first.another()];
  });
  afterAll(async () => {
    await apps[0].close();
    await redis.stop();
  });

  it.each(['frozen', 'dead'] as const)(
    '%s: mutations do not notice, events come within two seconds, nothing is lost (F5, F6, M2, M3)',
    async (how) => {
      const stage = await setStage(apps[0].url);
      const near = await stage.join('Near', apps[0].url);
      const far = await stage.join('Far', apps[1].url);
      const followers = [near, far].map(({ api }) => api.follow(OnChannelEventsDocument, { channelId: stage.channelId }));
      await waitFor(() => followers.every((follower) => follower.received.length === 1), { what: 'the openings' });

      if (how === 'frozen') redis.freeze();
      else await redis.kill();
      const durations: number[] = [];
      const bodies: string[] = [];
      for (let n = 0; n < 30; n += 1) {
        const started = performance.now();
        bodies.push(`${how} ${n}`);
        await stage.host.api.run(SendMessageDocument, { input: { channelId: stage.channelId, body: `${how} ${n}` } });
        durations.push(performance.now() - started);
      }
      await waitFor(() => followers.every((follower) => follower.received.length === 31), {
        timeoutMs: LATENESS_MS,
        what: 'all, by head check',
      });
      durations.sort((a, b) => a - b);
      expect(durations[Math.floor(durations.length * 0.99)]).toBeLessThan(MUTATION_P99_MS);

      const late = await stage.join('Late', apps[1].url);
      const newcomer = late.api.follow(OnChannelEventsDocument, { channelId: stage.channelId });
      await waitFor(() => newcomer.received.length === 1, { what: 'a subscription opened without Redis' });

      if (how === 'frozen') redis.thaw();
      else await redis.start();
      await stage.host.api.run(SendMessageDocument, { input: { channelId: stage.channelId, body: 'back' } });
      await waitFor(() => followers.every((follower) => follower.received.length === 32), {
        timeoutMs: LATENESS_MS,
        what: 'the first after',
      });
      for (const { received } of followers) {
        const texts = received.flatMap(({ channelEvents: event }) => (event.__typename === 'MessageAdded' ? [event.message.body] : []));
        expect(texts).toEqual([...bodies, 'back']);
      }
      await waitFor(() => apps.every(({ app }) => app.busStatus().state === 'up'), { timeoutMs: 10_000, what: 'the bus healed' });
      await Promise.all([near, far, late].map(({ api }) => api.close()));
    },
    60_000,
  );
});
