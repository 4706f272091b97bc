import { createClient } from 'graphql-ws';
import type { Client } from 'graphql-ws';
import WebSocket from 'ws';
import type { HttpConfig } from '../../src/config/config';
import { unauthenticated } from '../../src/errors/domain-error';
import type { Viewer } from '../../src/lib/viewer';
import { ANONYMOUS } from '../../src/lib/viewer';
import { createLogger } from '../../src/observability/logger';
import { Metrics } from '../../src/observability/metrics';
import type { Transport, TransportOptions } from '../../src/transport/server';
import { createTransport } from '../../src/transport/server';
import { closeAfterTest, watchForLeaks } from '../support/jest-leaks';
import { createStage } from './test-schema';
import type { Stage } from './test-schema';

export interface TestServer {
  readonly url: string;
  readonly wsUrl: string;
  readonly stage: Stage;
  readonly transport: Transport;
  readonly logs: string[];
}

export interface TestServerOptions extends Partial<
  Pick<TransportOptions, 'checks' | 'pipeline' | 'authenticate' | 'publicKeys' | 'downloads' | 'receiveWebhook'>
> {
  readonly http?: Partial<HttpConfig>;
}

/** `user-x` is a user for an hour, `short-x` for 300 ms; anything else is refused. */
export async function authenticateByName(authorization: string | null): Promise<Viewer> {
  if (authorization === null) return ANONYMOUS;
  const name = /^Bearer ((user|short)-\w+)$/.exec(authorization);
  if (name?.[1] === undefined) throw unauthenticated('TOKEN_INVALID', 'The token is not valid.');
  const lifeMs = name[2] === 'short' ? 300 : 3_600_000;
  return { kind: 'user', userId: name[1], familyId: 'family', expiresAt: new Date(Date.now() + lifeMs) };
}

/** A transport with a schema of its own on a free port; closed, and checked for what it left open, after the test. */
export async function startTestServer({ http, ...options }: TestServerOptions = {}): Promise<TestServer> {
  const { stage, schema, resolverOf } = createStage();
  const logs: string[] = [];
  const logger = createLogger({ level: 'debug' }, { write: (line) => void logs.push(line) });
  const transport = await createTransport({
    config: {
      port: 0,
      host: '127.0.0.1',
      graphiql: true,
      allowedOrigins: null,
      rateLimits: true,
      trustProxy: 0,
      publicUrl: 'http://localhost',
      secureCookies: false,
      ...http,
    },
    schema,
    resolverOf,
    authenticate: authenticateByName,
    checks: [],
    logger,
    metrics: new Metrics(),
    ...options,
  });
  const { url } = await transport.listen();
  const stop = watchForLeaks({ name: 'subscriptions', count: () => transport.pipeline.openSubscriptions });
  closeAfterTest(async () => {
    await transport.close();
    stop();
  });
  return { url, wsUrl: `${url.replace('http', 'ws')}/graphql`, stage, transport, logs };
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: { data?: Record<string, unknown> | null; errors?: WireError[] };
}

export interface WireError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly locations?: readonly object[];
  readonly extensions: { code: string; requestId: string; reason?: string; details?: Record<string, unknown> };
}

export async function post(server: TestServer, body: unknown, headers: Record<string, string> = {}): Promise<HttpAnswer> {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return read(response);
}

export async function read(response: Response): Promise<HttpAnswer> {
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  return { status: response.status, headers: response.headers, text, json: isJson ? (JSON.parse(text) as HttpAnswer['json']) : {} };
}

/** The real graphql-ws client; closed after the test. */
export function wsClient(server: TestServer, token: string | null = null): Client {
  const client = createClient({
    url: server.wsUrl,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: token === null ? {} : { authorization: `Bearer ${token}` },
  });
  closeAfterTest(() => client.dispose());
  return client;
}

/** A bare socket that keeps what it receives. */
export class RawSocket {
  readonly messages: { type: string; id?: string; payload?: unknown }[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly opened: Promise<void>;
  readonly refused: Promise<number>;
  readonly socket: WebSocket;

  constructor(
    url: string,
    { protocols = ['graphql-transport-ws'], headers = {} }: { protocols?: string[]; headers?: Record<string, string> } = {},
  ) {
    this.socket = new WebSocket(url, protocols, { headers });
    this.socket.on('message', (data: Buffer) => this.messages.push(JSON.parse(data.toString()) as { type: string }));
    this.opened = new Promise((resolve) => this.socket.on('open', () => resolve()));
    this.closed = new Promise((resolve) => this.socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() })));
    this.refused = new Promise((resolve) =>
      this.socket.on('unexpected-response', (_request, response) => {
        resolve(response.statusCode ?? 0);
        response.destroy();
      }),
    );
    this.socket.on('error', () => undefined);
    closeAfterTest(() => this.socket.terminate());
  }

  send(message: object | string): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  async init(authorization?: string): Promise<void> {
    await this.opened;
    this.send({ type: 'connection_init', payload: authorization === undefined ? {} : { authorization } });
  }

  subscribe(id: string, query: string, variables?: object): void {
    this.send({ id, type: 'subscribe', payload: { query, variables } });
  }

  of(id: string): { type: string; payload?: unknown }[] {
    return this.messages.filter((message) => message.id === id);
  }

  errorOf(id: string): WireError | undefined {
    const message = this.of(id).find(({ type }) => type === 'error');
    return (message?.payload as WireError[] | undefined)?.[0];
  }
}
