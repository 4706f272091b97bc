import { OnChannelEventsDocument, SendMessageDocument } from '../support/generated/graphql';
import type { OnChannelEventsSubscription } from '../support/generated/graphql';
import type { Guest } from '../support/factories/stage';
import { setStage } from '../support/factories/stage';
import { APP_BACKENDS, startTestApp } from '../support/test-app';
import type { TestApp } from '../support/test-app';
import { waitFor } from '../support/wait-for';

type ChannelEvent = OnChannelEventsSubscription['channelEvents'];

const CLIENTS = 60;
const MESSAGES = 300;

/** A guest that keeps its cursor and comes back whenever its socket is cut. */
class ReturningGuest {
  readonly events: ChannelEvent[] = [];
  private stopped = false;
  private readonly running: Promise<void>;

  constructor(
    private readonly guest: Guest,
    private readonly channelId: string,
  ) {
    this.running = this.run();
  }

  get bodies(): string[] {
    const seen = new Set<string>();
    return this.events.flatMap((event) => {
      if (event.__typename !== 'MessageAdded' || seen.has(event.cursor)) return [];
      seen.add(event.cursor);
      return [event.message.body];
    });
  }

  get opened(): boolean {
    return this.events.length > 0;
  }

  cut(): void {
    this.guest.api.cut();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.guest.api.close();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      const after = this.events.at(-1)?.cursor ?? null;
      const follower = this.guest.api.follow(OnChannelEventsDocument, { channelId: this.channelId, after });
      const { received } = follower;
      let read = 0;
      const collect = (): void => {
        for (; read < received.length; read += 1) this.events.push(received[read]!.channelEvents);
      };
      const timer = setInterval(collect, 5);
      await follower.ended;
      clearInterval(timer);
      collect();
    }
  }
}

describe.each(APP_BACKENDS === 'embedded' ? [1] : [1, 2])('clients whose sockets are cut at random, on %i instance(s)', (instances) => {
  let apps: TestApp[];
  beforeAll(async () => {
    const first = await startTestApp();
    apps = instances === 1 ? [first] : [first, await first.another()];
  });
  afterAll(() => apps[0]?.close());

  it(`end with all ${MESSAGES} messages, in order, none twice`, async () => {
    const [first] = apps as [TestApp, ...TestApp[]];
    const stage = await setStage(first.url, { capacity: CLIENTS });
    const clients: ReturningGuest[] = [];
    for (let n = 0; n < CLIENTS; n += 1) {
      clients.push(new ReturningGuest(await stage.join(`Guest ${n}`, apps[n % instances]!.url), stage.channelId));
    }
    await waitFor(() => clients.every((client) => client.opened), { timeoutMs: 20_000, what: 'everyone attached' });
    const sent: string[] = [];
    for (let n = 0; n < MESSAGES; n += 1) {
      sent.push(`message ${n}`);
      await stage.host.api.run(SendMessageDocument, { input: { channelId: stage.channelId, body: `message ${n}`, clientId: `${n}` } });
      if (n % 10 === 0) clients[(n * 7) % CLIENTS]!.cut();
    }
    await waitFor(() => clients.every((client) => client.bodies.length === MESSAGES), { timeoutMs: 20_000, what: 'everything everywhere' });
    for (const client of clients) expect(client.bodies).toEqual(sent);
    expect(clients.every((client) => client.events.every((event) => event.__typename !== 'StreamOpened' || event.recovered))).toBe(true);
    await Promise.all(clients.map((client) => client.stop()));
  }, 120_000);
});

describe('subscribing', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  it('never loses a message sent in the same moment: it follows, or the opening stands after it, 100 of 100', async () => {
    const stage = await setStage(app.url);
    const guest = await stage.join();
    for (let n = 0; n < 100; n += 1) {
      const follower = guest.api.follow(OnChannelEventsDocument, { channelId: stage.channelId });
      const { sendMessage } = await stage.host.api.run(SendMessageDocument, { input: { channelId: stage.channelId, body: `${n}` } });
      await waitFor(() => follower.received.length > 0, { what: `the opening of ${n}` });
      const opened = follower.received[0]!.channelEvents;
      const replay = guest.api.follow(OnChannelEventsDocument, { channelId: stage.channelId, after: opened.cursor });
      const { sendMessage: next } = await stage.host.api.run(SendMessageDocument, { input: { channelId: stage.channelId, body: `${n}+` } });
      const has = (id: string) => (received: OnChannelEventsSubscription[]) =>
        received.some(({ channelEvents: event }) => event.__typename === 'MessageAdded' && event.message.id === id);
      await waitFor(() => has(next.message.id)(follower.received) && has(next.message.id)(replay.received), { what: `message ${n}+` });
      expect(has(sendMessage.message.id)(follower.received)).toBe(has(sendMessage.message.id)(replay.received));
      follower.stop();
      replay.stop();
    }
    const metrics = await (await fetch(`${app.url}/metrics`)).text();
    for (const outcome of ['fresh', 'recovered'])
      expect(metrics).toContain(`parley_subscriptions_opened_total{outcome="${outcome}"} 100\n`);
    await guest.api.close();
  }, 60_000);
});
