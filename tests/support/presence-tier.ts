import type { PresenceStore } from '../../src/realtime/presence-store';
import { MemoryPresenceStore } from '../../src/realtime/presence-store.memory';
import { RedisPresenceStore } from '../../src/realtime/presence-store.redis';
import { RedisLink } from '../../src/realtime/redis-link';
import type { DatabaseKind } from './databases';
import { canStartRedis, startRedisServer } from './redis-server';
import { waitFor } from './wait-for';

/** The presence store that two instances on this database would share, to be emptied and taken away at will. */
export interface PresenceTier {
  readonly stores: readonly [PresenceStore, PresenceStore];
  /** It starts again with nothing. */
  lose(): Promise<void>;
  /** It answers nobody until the function it resolves with is called. */
  takeAway(): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

/** In the process beside PGlite; a Redis of the test's own beside PostgreSQL, where the program is installed. */
export function openPresenceTier(kind: DatabaseKind): Promise<PresenceTier> {
  return kind === 'postgres' && canStartRedis() ? openRedisTier() : Promise.resolve(openMemoryTier());
}

function openMemoryTier(): PresenceTier {
  const store = new MemoryPresenceStore();
  return {
    stores: [store, store],
    lose: () => store.close(),
    takeAway: () => {
      const asked = jest.spyOn(store, 'listOccupied').mockRejectedValue(new Error('away'));
      return Promise.resolve(() => Promise.resolve(asked.mockRestore()));
    },
    close: () => store.close(),
  };
}

async function openRedisTier(): Promise<PresenceTier> {
  const redis = await startRedisServer();
  const links = [new RedisLink({ url: redis.url, name: 'here' }), new RedisLink({ url: redis.url, name: 'there' })] as const;
  const areUp = (up: boolean): Promise<boolean> =>
    waitFor(() => links.every((link) => link.up === up), { timeoutMs: 20_000, what: `the links to be ${up ? 'up' : 'down'}` });
  const back = async (): Promise<void> => {
    await redis.start();
    await areUp(true);
  };
  const takeAway = async (): Promise<() => Promise<void>> => {
    await redis.kill();
    await areUp(false);
    return back;
  };
  await areUp(true);
  return {
    stores: [new RedisPresenceStore({ link: links[0], prefix: '' }), new RedisPresenceStore({ link: links[1], prefix: '' })],
    lose: async () => (await takeAway())(),
    takeAway,
    close: async () => {
      for (const link of links) await link.close();
      await redis.stop();
    },
  };
}
