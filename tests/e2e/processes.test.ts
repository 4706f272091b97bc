import type { Follower } from '../support/api-client';
import { ApiClient } from '../support/api-client';
import { setStage } from '../support/factories/stage';
import type { Guest, Stage } from '../support/factories/stage';
import { ChannelDocument, OnChannelEventsDocument, SendMessageDocument } from '../support/generated/graphql';
import type { ChannelQuery, ChannelQueryVariables, OnChannelEventsSubscription } from '../support/generated/graphql';
import type { ProcessBackends } from '../support/process-backends';
import { openProcessBackends } from '../support/process-backends';
import { requireRedisUrl } from '../support/redis';
import { ServerProcess } from '../support/server-process';
import { createTcpProxy } from '../support/tcp-proxy';
import { APP_BACKENDS } from '../support/test-app';
import { waitFor } from '../support/wait-for';

const WRITERS = 6;
const SUBSCRIBERS = 5;
const PAGE = 100;

/** Sends one message after the other, each until it is acknowledged, to whichever server answers. */
class Writer {
  readonly acknowledged: string[] = [];
  retries = 0;
  private stopped = false;
  private readonly running: Promise<void>;

  constructor(
    private readonly guest: Guest,
    private readonly urls: readonly string[],
    private readonly channelId: string,
    private readonly name: string,
  ) {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
  }

  private async run(): Promise<void> {
    for (let n = 0; !this.stopped; n += 1) {
      const body = `${this.name}-${n}`;
      for (let attempt = n; !(await this.send(body, attempt)); attempt += 1) {
        this.retries += 1;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      this.acknowledged.push(body);
    }
  }

  private async send(body: string, attempt: number): Promise<boolean> {
    const api = new ApiClient(this.urls[attempt % this.urls.length]!, this.guest.api.token);
    try {
      await api.run(SendMessageDocument, { input: { channelId: this.channelId, body, clientId: body } });
      return true;
    } catch {
      return false;
    }
  }
}

async function historyOf({ host, channelId }: Stage): Promise<string[]> {
  const bodies: string[] = [];
  let after: string | null = null;
  do {
    const variables: ChannelQueryVariables = { id: channelId, first: PAGE, after };
    const answer: ChannelQuery = await host.api.run(ChannelDocument, variables);
    const edges = answer.channel?.messages.edges ?? [];
    bodies.push(...edges.map(({ node }) => node.body));
    after = edges.length < PAGE ? null : (edges.at(-1)?.cursor ?? null);
  } while (after !== null);
  return bodies;
}

const bodiesOf = ({ received }: Follower<OnChannelEventsSubscription>): string[] =>
  received.flatMap(({ channelEvents }) => (channelEvents.__typename === 'MessageAdded' ? [channelEvents.message.body] : []));

const counted = (writers: readonly Writer[]): number => writers.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0);

/** Kills the server so many times at random moments of the writing, and starts it again. */
async function killRepeatedly(server: ServerProcess, times: number, writers: readonly Writer[]): Promise<void> {
  for (let kill = 0; kill < times; kill += 1) {
    const moment = counted(writers) + 20 + Math.floor(Math.random() * 200);
    await waitFor(() => counted(writers) >= moment, { timeoutMs: 20_000, what: 'acknowledged messages' });
    await server.kill();
    await server.start();
  }
  const after = counted(writers) + 50;
  await waitFor(() => counted(writers) >= after, { timeoutMs: 20_000, what: 'messages after the last start' });
}

function expectEachOnce(history: readonly string[], writers: readonly Writer[]): void {
  const acknowledged = writers.flatMap((writer) => writer.acknowledged);
  expect([...history].sort()).toEqual([...acknowledged].sort());
  for (const [index, writer] of writers.entries()) {
    expect(history.filter((body) => body.startsWith(`${index}-`))).toEqual(writer.acknowledged);
  }
}

const startWriters = async (stage: Stage, urls: readonly string[]): Promise<Writer[]> => {
  const guests = await Promise.all(Array.from({ length: WRITERS }, (_, n) => stage.join(`Writer ${n}`)));
  return guests.map((guest, n) => new Writer(guest, urls, stage.channelId, String(n)));
};

let backends: ProcessBackends;
const servers: ServerProcess[] = [];
const start = async (environment: Readonly<Record<string, string>> = {}): Promise<ServerProcess> => {
  const server = await ServerProcess.start({ ...backends.environment, ...environment });
  servers.push(server);
  return server;
};

beforeEach(async () => {
  backends = await openProcessBackends();
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.kill()));
  await backends.remove();
});

if (APP_BACKENDS === 'embedded') {
  describe('one process on a directory, killed mid-write', () => {
    it('has every acknowledged message once after it started again (F1)', async () => {
      const server = await start();
      const stage = await setStage(server.url);
      const writers = await startWriters(stage, [server.url]);
      await killRepeatedly(server, 3, writers);
      await Promise.all(writers.map((writer) => writer.stop()));
      expectEachOnce(await historyOf(stage), writers);
      expect(writers.some(({ retries }) => retries > 0)).toBe(true);
    }, 120_000);
  });
} else {
  describe('two processes, one of which is killed', () => {
    it('keep every acknowledged message once, and tell all of them in order on the survivor (F1)', async () => {
      const [survivor, victim] = await Promise.all([start(), start()]);
      const stage = await setStage(survivor.url);
      const guests = await Promise.all(Array.from({ length: SUBSCRIBERS }, (_, n) => stage.join(`Reader ${n}`)));
      const followers = guests.map(({ api }) => api.follow(OnChannelEventsDocument, { channelId: stage.channelId }));
      await waitFor(() => followers.every(({ received }) => received.length > 0), { what: 'everyone attached' });
      const writers = await startWriters(stage, [survivor.url, victim.url]);
      await killRepeatedly(victim, 5, writers);
      await Promise.all(writers.map((writer) => writer.stop()));
      const history = await historyOf(stage);
      expectEachOnce(history, writers);
      await waitFor(() => followers.every((follower) => bodiesOf(follower).length >= history.length), { what: 'everything everywhere' });
      for (const follower of followers) expect(bodiesOf(follower)).toEqual(history);
      expect(writers.some(({ retries }) => retries > 0)).toBe(true);
      await Promise.all(guests.map(({ api }) => api.close()));
    }, 120_000);

    it('tell within two seconds what one committed and died before it could publish (F3)', async () => {
      const redis = new URL(await requireRedisUrl());
      const proxy = await createTcpProxy({ port: Number(redis.port || 6379), host: redis.hostname });
      const [survivor, victim] = await Promise.all([start(), start({ REDIS_URL: `redis://127.0.0.1:${proxy.port}` })]);
      const stage = await setStage(survivor.url);
      const { api } = await stage.join();
      const follower = api.follow(OnChannelEventsDocument, { channelId: stage.channelId });
      await waitFor(() => follower.received.length > 0, { what: 'the opening' });
      proxy.blackhole();
      await new ApiClient(victim.url, api.token).run(SendMessageDocument, { input: { channelId: stage.channelId, body: 'last words' } });
      await victim.kill();
      await waitFor(() => bodiesOf(follower).length === 1, { timeoutMs: 2_000, what: 'the event that nobody published' });
      await api.close();
      await proxy.close();
    }, 60_000);
  });
}
