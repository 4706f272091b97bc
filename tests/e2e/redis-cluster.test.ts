import { setStage } from '../support/factories/stage';
import { OnChannelEventsDocument, SendMessageDocument } from '../support/generated/graphql';
import { onRedis } from '../support/redis';
import { canStartCluster, startRedisCluster } from '../support/redis-cluster';
import type { RedisCluster } from '../support/redis-cluster';
import type { RedisServer } from '../support/redis-server';
import { APP_BACKENDS, startTestApp } from '../support/test-app';
import type { TestApp } from '../support/test-app';
import { waitFor } from '../support/wait-for';

/** Events may be this late while a master is away: a head check a second, and the read. */
const LATENESS_MS = 2_000;

const describeCluster = APP_BACKENDS === 'postgres-redis' && canStartCluster() ? describe : describe.skip;

describeCluster('on a Redis Cluster', () => {
  let cluster: RedisCluster;
  let apps: [TestApp, TestApp];
  beforeAll(async () => {
    cluster = await startRedisCluster();
    const first = await startTestApp({ redis: { kind: 'cluster', seeds: cluster.seeds } });
    apps = [first, await first.another()];
    await waitFor(() => apps.every(({ app }) => app.busStatus().state === 'up'), { what: 'the cluster' });
  });
  afterAll(async () => {
    await apps[0].close();
    await cluster.stop();
  });

  it('events pass between instances, through the death of the very master that carries them, each once and in order', async () => {
    const stage = await setStage(apps[0].url);
    const far = await stage.join('Far', apps[1].url);
    const follower = far.api.follow(OnChannelEventsDocument, { channelId: stage.channelId });
    await waitFor(() => follower.received.length === 1, { what: 'the opening' });
    const send = (body: string): Promise<unknown> =>
      stage.host.api.run(SendMessageDocument, { input: { channelId: stage.channelId, body } });
    const bodies: string[] = [];
    const sendAndHear = async (body: string): Promise<void> => {
      bodies.push(body);
      await send(body);
      await waitFor(() => follower.received.length === bodies.length + 1, { timeoutMs: LATENESS_MS, what: body });
    };

    await sendAndHear('before');
    const dying = await masterThatCarries(stage.channelId);
    const replica = await cluster.addReplica(dying);
    await dying.kill();
    for (let n = 0; n < 3; n += 1) await sendAndHear(`nobody in its place ${n}`);
    await cluster.takeOver(replica);
    for (let n = 0; n < 10; n += 1) await sendAndHear(`the replica in its place ${n}`);
    await waitFor(() => apps.every(({ app }) => app.busStatus().state === 'up'), { timeoutMs: 30_000, what: 'the bus healed' });
    await sendAndHear('after');
    const texts = follower.received.flatMap(({ channelEvents: event }) =>
      event.__typename === 'MessageAdded' ? [event.message.body] : [],
    );
    expect(texts).toEqual(bodies);
    await far.api.close();
  }, 90_000);

  async function masterThatCarries(id: string): Promise<RedisServer> {
    for (const master of cluster.masters) {
      const channels = await onRedis(master.url, (client) => client.call('PUBSUB', 'SHARDCHANNELS', `*${id}*`));
      if (Array.isArray(channels) && channels.length > 0) return master;
    }
    throw new Error('No master carries the channel.');
  }
});
