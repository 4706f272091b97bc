import { PostgresBus } from '../../src/realtime/bus.postgres';
import type { Bus } from '../../src/realtime/bus';
import { asOwner, openTestDatabase, testBackends } from '../support/databases';
import type { TestDatabase } from '../support/databases';
import { fastestMs } from '../support/fastest';
import { createTcpProxy } from '../support/tcp-proxy';
import type { TcpProxy } from '../support/tcp-proxy';
import { waitFor } from '../support/wait-for';

const TOPIC = 'session:1';
const HEALED_MS = 3_000;

(testBackends().includes('postgres') ? describe : describe.skip)('the postgres bus when its connections fail', () => {
  let opened: TestDatabase;
  let proxy: TcpProxy;
  const buses: Bus[] = [];
  const lines: string[] = [];

  beforeAll(async () => {
    opened = await openTestDatabase('postgres');
  });
  beforeEach(async () => {
    const { port, hostname } = new URL(opened.url ?? '');
    proxy = await createTcpProxy({ port: Number(port || 5432), host: hostname });
  });
  afterEach(async () => {
    for (const bus of buses.splice(0)) await bus.close();
    await proxy.close();
    lines.splice(0);
  });
  afterAll(() => opened.drop());

  const start = async (): Promise<Bus> => {
    const url = new URL(opened.url ?? '');
    url.host = `127.0.0.1:${proxy.port}`;
    const bus = new PostgresBus({ url: url.href, log: (message) => lines.push(message) });
    buses.push(bus);
    await waitFor(() => bus.status().state === 'up', { what: 'the bus' });
    return bus;
  };
  const hears = async (publisher: Bus, messages: Set<string>): Promise<void> => {
    messages.clear();
    await waitFor(
      () => {
        publisher.publish(TOPIC, 'are you there');
        return messages.size > 0;
      },
      { timeoutMs: HEALED_MS, what: 'a message after the outage' },
    );
  };
  const endSessions = (name: string): Promise<unknown> =>
    asOwner(
      opened.database,
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1',
      [name],
    );

  it.each(['parley-bus-listener', 'parley-bus-notifier'])('heals when %s is terminated, again and again', async (name) => {
    const bus = await start();
    const messages = new Set<string>();
    let reconnects = 0;
    await bus.subscribe(TOPIC, (message) => messages.add(message));
    bus.onReconnect(() => (reconnects += 1));
    for (let n = 1; n <= 5; n += 1) {
      await endSessions(name);
      if (name === 'parley-bus-listener') await waitFor(() => reconnects === n, { what: `reconnect ${n}` });
      await hears(bus, messages);
    }
    await waitFor(() => bus.status().state === 'up');
    expect(lines.filter((line) => line.includes('away'))).toHaveLength(1);
  });

  it('a network that swallows packets is noticed, blocks nobody, and heals', async () => {
    const [here, there] = [await start(), await start()];
    const messages = new Set<string>();
    let reconnects = 0;
    await here.subscribe(TOPIC, (message) => messages.add(message));
    here.onReconnect(() => (reconnects += 1));
    proxy.blackhole();
    const started = performance.now();
    expect(await fastestMs(() => there.publish(TOPIC, 'x'), 5)).toBeLessThan(50);
    await waitFor(() => here.status().state === 'degraded' && there.status().state === 'degraded', { what: 'both degraded' });
    expect(performance.now() - started).toBeLessThan(2_500);
    await expect(here.subscribe('other', () => undefined)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    proxy.heal();
    await waitFor(() => reconnects === 1, { what: 'onReconnect' });
    await hears(there, messages);
  });

  it('closes at once in a network that swallows packets, with a subscription on its way', async () => {
    const bus = await start();
    proxy.blackhole();
    bus.publish(TOPIC, 'x');
    const started = performance.now();
    await bus.close();
    expect(performance.now() - started).toBeLessThan(1_000);
    await expect(bus.subscribe(TOPIC, () => undefined)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('holds messages while it is away and sends what is young, in order', async () => {
    const [here, there] = [await start(), await start()];
    const received: string[] = [];
    await here.subscribe(TOPIC, (message) => received.push(message));
    await endSessions('parley-bus-notifier');
    const sent = Array.from({ length: 500 }, (_, n) => String(n));
    for (const message of sent) there.publish(TOPIC, message);
    await waitFor(() => received.length >= sent.length, { timeoutMs: HEALED_MS });
    expect([...new Set(received)]).toEqual(sent);
  });
});
