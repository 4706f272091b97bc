import { GraphQLError } from 'graphql';
import WebSocket from 'ws';
import { ConnectionClosedError, createParleyClient, jitteredBackoff, OperationError } from '../../client/resume';
import type { ConnectionStatus, FollowHandlers, ParleyClient, ParleyClientOptions } from '../../client/resume';
import { waitFor } from '../support/wait-for';
import { LOG_QUERY, LogServer } from './log-server';
import type { LogEvent, LogServerOptions } from './log-server';

const LOG = { query: LOG_QUERY, field: 'log' };
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);
const timers = (): number => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;

describe('the reconnect helper', () => {
  const servers: LogServer[] = [];
  const clients: ParleyClient[] = [];
  let timersBefore = 0;

  beforeEach(() => {
    timersBefore = timers();
  });

  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.dispose()));
    for (const server of servers.splice(0)) {
      await waitFor(() => server.load.sockets === 0 && server.load.subscriptions === 0);
      await server.close();
    }
    await waitFor(() => timers() <= timersBefore);
  });

  async function startServer(options?: LogServerOptions): Promise<LogServer> {
    const server = await LogServer.start(options);
    servers.push(server);
    return server;
  }

  function connect(server: LogServer, options: Partial<ParleyClientOptions> = {}): ParleyClient {
    const client = createParleyClient({ url: server.url, token: () => null, backoff: () => 2, webSocketImpl: WebSocket, ...options });
    clients.push(client);
    return client;
  }

  /** Follows the log and writes down everything that happens, in order. */
  function record(client: ParleyClient, handlers: Partial<FollowHandlers<LogEvent>> = {}) {
    const seen = { entries: [] as number[], openings: [] as boolean[], resets: 0, errors: [] as unknown[], cursor: '', ended: false };
    const ended = client.follow<LogEvent>(LOG, {
      onEvent: ({ entry, cursor }) => {
        seen.entries.push(entry);
        seen.cursor = cursor;
      },
      onOpened: ({ recovered, cursor }) => {
        seen.openings.push(recovered);
        seen.cursor = cursor;
      },
      onReset: () => void (seen.resets += 1),
      onError: (error) => void seen.errors.push(error),
      ...handlers,
    });
    void ended.then(() => (seen.ended = true));
    return seen;
  }

  async function appendWithCuts(server: LogServer, upTo: number): Promise<void> {
    for (let from = 0; from < upTo; from += 10) {
      server.append(...range(from, from + 10));
      if (Math.random() < 0.4) server.cutOne();
      await new Promise((resolve) => setImmediate(resolve));
      if (from % 50 === 0) await waitFor(() => server.load.subscriptions > 0);
    }
  }

  it.each([0, 3])(
    'hands over 1,000 events exactly once and in order while sockets are cut at random (server repeats %i)',
    async (repeats) => {
      const server = await startServer({ repeats });
      const followers = range(0, 5).map(() => record(connect(server)));
      await waitFor(() => followers.every(({ openings }) => openings.length > 0));

      await appendWithCuts(server, 1_000);

      await waitFor(() => followers.every(({ entries }) => entries.length >= 1_000), { timeoutMs: 10_000 });
      for (const { entries, errors, resets } of followers) {
        expect(entries).toEqual(range(0, 1_000));
        expect([errors, resets]).toEqual([[], 0]);
      }
      expect(server.resumedAfter.length).toBeGreaterThan(20);
    },
  );

  it('asks for what follows the last received cursor, not for the cursor it started with', async () => {
    const server = await startServer();
    server.append(1, 2, 3);
    const first = record(connect(server));
    await waitFor(() => first.openings.length === 1);
    const start = first.cursor;
    const client = connect(server);
    const seen = record(client, { after: start });
    server.append(4, 5);
    await waitFor(() => seen.entries.length === 2);
    const reached = seen.cursor;

    server.closeAll(1012, 'Restarting');
    await waitFor(() => seen.openings.length === 2);

    expect(server.resumedAfter.slice(0, 2)).toEqual([null, start]);
    expect(server.resumedAfter.slice(2)).toEqual([reached, reached]);
  });

  it('renews an open connection with a fresh token when it is warned, and goes on without a break', async () => {
    const server = await startServer();
    const asked: boolean[] = [];
    const token = ({ refused }: { refused: boolean }): string => {
      asked.push(refused);
      return refused ? 'fresh' : 'first';
    };
    const seen = record(connect(server, { token }));
    await waitFor(() => seen.openings.length === 1);
    server.warnOfExpiry();
    await waitFor(() => server.renewals.length === 1);
    server.append(1);
    await waitFor(() => seen.entries.length === 1);
    expect([server.tokens, server.renewals, asked]).toEqual([['first'], ['fresh'], [false, true]]);
    expect([seen.openings, seen.errors]).toEqual([[true], []]);
  });

  it('leaves the connection alone when there is no fresh token to be had, and asks again once it is closed', async () => {
    const server = await startServer();
    let available = true;
    const token = ({ refused }: { refused: boolean }): string => {
      if (refused && !available) throw new Error('away');
      return refused ? 'fresh' : 'first';
    };
    const seen = record(connect(server, { token }));
    await waitFor(() => seen.openings.length === 1);
    available = false;
    server.warnOfExpiry();
    server.append(1);
    await waitFor(() => seen.entries.length === 1);
    expect(server.renewals).toEqual([]);
    available = true;
    server.closeAll(4403, 'Token expired');
    await waitFor(() => seen.openings.length === 2);
    expect([server.tokens, seen.errors]).toEqual([['first', 'fresh'], []]);
  });

  it('says when the server cannot recover, and keeps later events until the state has been read again', async () => {
    const server = await startServer();
    const order: string[] = [];
    let stateRead = (): void => undefined;
    const seen = record(connect(server), {
      onEvent: ({ entry }) => void order.push(`event ${entry}`),
      onReset: async () => {
        order.push('reset');
        await new Promise<void>((resolve) => (stateRead = resolve));
        order.push('state read');
      },
    });
    await waitFor(() => seen.openings.length === 1);
    server.append(1);
    await waitFor(() => order.length === 1);

    server.loseHistory();
    server.append(2);
    server.cutOne();
    await waitFor(() => order.includes('reset'));
    server.append(3, 4);
    await waitFor(() => server.load.subscriptions === 1);
    stateRead();

    await waitFor(() => order.length === 5);
    expect(order).toEqual(['event 1', 'reset', 'state read', 'event 3', 'event 4']);
    expect(seen.openings).toEqual([true, false]);
  });

  it('goes on from the new cursor after a reset', async () => {
    const server = await startServer();
    const seen = record(connect(server));
    await waitFor(() => seen.openings.length === 1);
    server.loseHistory();
    server.cutOne();
    await waitFor(() => seen.resets === 1);

    server.cutOne();
    server.append(1);

    await waitFor(() => seen.entries.length === 1);
    expect(seen.openings).toEqual([true, false, true]);
  });

  it('comes back when the server was away and refused connections', async () => {
    const server = await startServer();
    const statuses: ConnectionStatus[] = [];
    const seen = record(connect(server, { onStatus: (status) => statuses.push(status) }));
    await waitFor(() => seen.openings.length === 1);

    await server.down(async () => {
      server.append(1);
      await waitFor(() => statuses.filter((status) => status === 'disconnected').length > 3);
    });

    await waitFor(() => seen.entries.length === 1);
    expect(seen.errors).toEqual([]);
    expect(statuses.slice(0, 3)).toEqual(['connecting', 'connected', 'disconnected']);
    expect(statuses.at(-1)).toBe('connected');
  });

  it.each([1001, 1012, 1013, 4408])('comes back after close code %i', async (code) => {
    const server = await startServer();
    const seen = record(connect(server));
    await waitFor(() => seen.openings.length === 1);
    server.closeAll(code);
    server.append(1);
    await waitFor(() => seen.entries.length === 1);
  });

  it('gives up a connection whose server fell silent', async () => {
    const server = await startServer();
    const seen = record(connect(server, { keepAliveMs: 20, pongTimeoutMs: 20 }));
    await waitFor(() => seen.openings.length === 1);
    server.silence();
    server.append(1);
    await waitFor(() => seen.entries.length === 1);
    expect(seen.openings).toEqual([true, true]);
  });

  it('asks for a fresh token when the server closes with 4403', async () => {
    const server = await startServer({ accepts: (token) => token !== 'expired' });
    const asked: boolean[] = [];
    const seen = record(
      connect(server, {
        token: async ({ refused }) => {
          asked.push(refused);
          return refused ? 'fresh' : 'expired';
        },
      }),
    );
    await waitFor(() => seen.openings.length === 1);
    expect(asked).toEqual([false, true]);
    expect(server.tokens).toEqual(['expired', 'fresh']);

    server.closeAll(4403, 'Token expired');
    server.append(1);
    await waitFor(() => seen.entries.length === 1);
    expect(asked).toEqual([false, true, true]);
  });

  it('believes a server that refuses every token', async () => {
    const server = await startServer({ accepts: () => false });
    const seen = record(connect(server, { token: () => 'never good' }));
    await waitFor(() => seen.ended);
    expect(seen.errors).toEqual([expect.any(ConnectionClosedError)]);
    expect(seen.errors[0]).toMatchObject({ code: 4403 });
    expect(server.tokens).toHaveLength(3);
  });

  it('tries again when the token could not be fetched', async () => {
    const server = await startServer();
    let attempts = 0;
    const seen = record(
      connect(server, {
        token: async () => {
          if (++attempts < 3) throw new Error('offline');
          return 'late';
        },
      }),
    );
    await waitFor(() => seen.openings.length === 1);
    expect(server.tokens).toEqual(['late']);
    expect(seen.errors).toEqual([]);
  });

  it.each([4400, 4401, 4500, 1008])('ends with an error after the fatal close code %i', async (code) => {
    const server = await startServer();
    const seen = record(connect(server));
    await waitFor(() => seen.openings.length === 1);
    server.closeAll(code, 'No');
    await waitFor(() => seen.ended);
    expect(seen.errors).toEqual([new ConnectionClosedError(code, 'No')]);
  });

  it('ends with the errors of a refused subscription', async () => {
    const server = await startServer();
    server.refusals.push(new GraphQLError('Session not found.', { extensions: { code: 'NOT_FOUND' } }));
    const seen = record(connect(server));
    await waitFor(() => seen.ended);
    expect(seen.errors).toEqual([expect.any(OperationError)]);
    expect(seen.errors[0]).toMatchObject({ code: 'NOT_FOUND', message: 'Session not found.' });
  });

  it('subscribes again when the subscription was refused for now', async () => {
    const server = await startServer();
    server.refusals.push(
      new GraphQLError('Later.', { extensions: { code: 'UNAVAILABLE' } }),
      new GraphQLError('Slower.', { extensions: { code: 'RATE_LIMITED', details: { retryAfterMs: 5 } } }),
    );
    const seen = record(connect(server));
    await waitFor(() => seen.openings.length === 1);
    expect(server.resumedAfter).toHaveLength(3);
    expect(seen.errors).toEqual([]);
  });

  it('passes over events of a kind that its document does not know', async () => {
    const server = await startServer();
    const seen = { events: 0, openings: 0, errors: [] as unknown[] };
    const knowsNoEntries = 'subscription ($after: StreamCursor) { log(after: $after) { ... on StreamOpened { cursor recovered } } }';
    void connect(server).follow(
      { query: knowsNoEntries, field: 'log' },
      { onOpened: () => void (seen.openings += 1), onEvent: () => void (seen.events += 1), onError: (error) => seen.errors.push(error) },
    );
    await waitFor(() => seen.openings === 1);
    server.append(1, 2);
    server.cutOne();
    await waitFor(() => seen.openings === 2);
    expect(seen).toEqual({ events: 0, openings: 2, errors: [] });
  });

  it('refuses a document that cannot be resumed', async () => {
    const server = await startServer();
    const errors: unknown[] = [];
    const withoutCursor = 'subscription ($after: StreamCursor) { log(after: $after) { __typename } }';
    await connect(server).follow(
      { query: withoutCursor, field: 'log' },
      { onEvent: () => undefined, onError: (error) => errors.push(error) },
    );
    expect(errors).toEqual([new TypeError('An item of log has no cursor: select it on every event type.')]);
  });

  it('ends when the server completes the subscription', async () => {
    const server = await startServer();
    const seen = record(connect(server));
    await waitFor(() => seen.openings.length === 1);
    server.append(1);
    await waitFor(() => seen.entries.length === 1);
    server.completeAll();
    await waitFor(() => seen.ended);
    expect(seen.errors).toEqual([]);
  });

  it('hands over nothing after it was aborted, and leaves the other streams alone', async () => {
    const server = await startServer();
    const client = connect(server);
    const ending = new AbortController();
    const ended = record(client, { signal: ending.signal });
    const other = record(client);
    await waitFor(() => ended.openings.length === 1 && other.openings.length === 1);

    ending.abort();
    server.append(1);
    await waitFor(() => ended.ended && other.entries.length === 1);

    expect(ended.entries).toEqual([]);
    await waitFor(() => server.load.subscriptions === 1);
    expect(server.load.sockets).toBe(1);
  });

  it('ends at once when aborted before it starts or during the wait for the next try', async () => {
    const server = await startServer();
    expect(record(connect(server), { signal: AbortSignal.abort() })).toMatchObject({ entries: [] });
    const ending = new AbortController();
    const waiting: number[] = [];
    const seen = record(
      connect(server, {
        backoff: (failures) => {
          waiting.push(failures);
          return 60_000;
        },
      }),
      { signal: ending.signal },
    );
    await waitFor(() => seen.openings.length === 1);
    server.closeAll(1012);
    await waitFor(() => waiting.length === 1);
    ending.abort();
    await waitFor(() => seen.ended);
    expect(seen.errors).toEqual([]);
  });

  it('reports what a handler threw and ends the subscription', async () => {
    const server = await startServer();
    const fault = new Error('cannot show it');
    const seen = record(connect(server), {
      onEvent: () => {
        throw fault;
      },
    });
    await waitFor(() => seen.openings.length === 1);
    server.append(1);
    await waitFor(() => seen.ended);
    expect(seen.errors).toEqual([fault]);
  });

  it('can be iterated, and a break ends the subscription', async () => {
    const server = await startServer();
    const items: LogEvent[] = [];
    for await (const item of connect(server).events<LogEvent>(LOG)) {
      items.push(item);
      if (items.length === 1) server.append(1, 2);
      if (items.length === 3) break;
    }
    expect(items).toMatchObject([{ recovered: true }, { entry: 1 }, { entry: 2 }]);
  });

  it('fails an iteration by throwing', async () => {
    const server = await startServer();
    server.refusals.push(new GraphQLError('No.', { extensions: { code: 'FORBIDDEN' } }));
    await expect(connect(server).events<LogEvent>(LOG).next()).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });

  it('lets go of a slow reader and fetches the rest when it has caught up', async () => {
    const server = await startServer();
    let release = (): void => undefined;
    const entries: number[] = [];
    const seen = record(connect(server), {
      onOpened: () => {
        seen.openings.push(true);
      },
      onEvent: async ({ entry }) => {
        if (entry === 0) await new Promise<void>((resolve) => (release = resolve));
        entries.push(entry);
      },
    });
    await waitFor(() => seen.openings.length === 1);
    server.append(...range(0, 5_000));
    await waitFor(() => server.load.subscriptions === 0, { timeoutMs: 10_000 });
    release();
    await waitFor(() => entries.length === 5_000, { timeoutMs: 10_000 });
    expect(entries).toEqual(range(0, 5_000));
  });

  it('spreads its tries over a growing span, never below 100 ms and never above 15 s', () => {
    const waits = range(0, 40).flatMap((failures) => range(0, 50).map(() => jitteredBackoff(failures)));
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(100);
    expect(Math.max(...waits)).toBeLessThanOrEqual(15_000);
    expect(Math.max(...waits.slice(0, 50))).toBeLessThanOrEqual(1_000);
    expect(new Set(waits).size).toBeGreaterThan(1_000);
  });

  it('refuses a malformed address at once', () => {
    expect(() => createParleyClient({ url: 'no address', token: () => null, webSocketImpl: WebSocket })).toThrow('Invalid URL');
  });
});
