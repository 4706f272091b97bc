import { setStage } from '../support/factories/stage';
import { OnChannelEventsDocument, SendMessageDocument } from '../support/generated/graphql';
import type { SendMessageMutation } from '../support/generated/graphql';
import type { ProcessBackends } from '../support/process-backends';
import { openProcessBackends } from '../support/process-backends';
import { ServerProcess } from '../support/server-process';
import { waitFor } from '../support/wait-for';

const SOCKETS = 30;
const SENDERS = 8;
const EXIT_MS = 10_000;

describe('SIGTERM under load', () => {
  let backends: ProcessBackends;
  let server: ServerProcess;

  beforeAll(async () => {
    backends = await openProcessBackends();
    server = await ServerProcess.start(backends.environment);
  });
  afterAll(async () => {
    await server.kill();
    await backends.remove();
  });

  it('answers what is in flight, tells every socket to come back elsewhere, and exits 0 (F17)', async () => {
    const stage = await setStage(server.url, { capacity: SOCKETS + SENDERS });
    const guests = await Promise.all(Array.from({ length: SOCKETS }, (_, n) => stage.join(`Guest ${n}`)));
    const followers = guests.map(({ api }) => api.follow(OnChannelEventsDocument, { channelId: stage.channelId }));
    await waitFor(() => followers.every(({ received }) => received.length > 0), { what: 'everyone attached' });

    let draining = false;
    let answered = 0;
    const acknowledged: string[] = [];
    const sending = Array.from({ length: SENDERS }, async (_, sender) => {
      for (let n = 0; !draining; n += 1) {
        const body = `${sender}-${n}`;
        await stage.host.api.run(SendMessageDocument, { input: { channelId: stage.channelId, body, clientId: body } });
        acknowledged.push(body);
        answered += 1;
      }
    });
    await waitFor(() => answered > 100, { what: 'load' });
    expect(await server.status('/readyz')).toBe(200);

    const overSockets = guests.slice(0, 10).map(({ api }, n) => {
      const input = { channelId: stage.channelId, body: `ws-${n}` };
      return api.follow<SendMessageMutation, { input: typeof input }>(SendMessageDocument, { input });
    });
    const startedAt = performance.now();
    const exited = server.terminate();
    draining = true;
    await waitFor(async () => (await server.status('/readyz')) !== 200, { timeoutMs: 1_000, what: '/readyz to say so' });
    const unreadyAfter = performance.now() - startedAt;
    expect(await server.status('/readyz')).toBe(503);

    await expect(Promise.all(sending)).resolves.toHaveLength(SENDERS);
    expect(await exited).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(EXIT_MS);
    expect(unreadyAfter).toBeLessThan(1_000);
    expect(await Promise.all(followers.map(({ ended }) => ended))).toEqual(guests.map(() => ({ code: 1012 })));
    // Taken before the signal was, and answered; or not begun, which the close code tells.
    await Promise.all(overSockets.map(({ ended }) => ended));
    expect(overSockets.flatMap(({ errors }) => errors)).toEqual([]);
    acknowledged.push(...overSockets.flatMap(({ received }, n) => (received.length > 0 ? [`ws-${n}`] : [])));

    await server.start();
    const bodies = new Set<string>();
    const survivor = guests[0]!.api.as(guests[0]!.api.token);
    const again = survivor.follow(OnChannelEventsDocument, {
      channelId: stage.channelId,
      after: followers[0]!.received[0]!.channelEvents.cursor,
    });
    await waitFor(
      () => {
        for (const { channelEvents } of again.received)
          if (channelEvents.__typename === 'MessageAdded') bodies.add(channelEvents.message.body);
        return acknowledged.every((body) => bodies.has(body));
      },
      { what: 'every acknowledged message' },
    );
    await Promise.all([survivor.close(), ...guests.map(({ api }) => api.close())]);
  }, 90_000);
});
