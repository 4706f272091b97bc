import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildSchema } from 'graphql';
import type { GraphQLError } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';

const SCHEMA = buildSchema(`
  scalar StreamCursor
  union LogEvent = StreamOpened | EntryAdded
  type StreamOpened { cursor: StreamCursor! recovered: Boolean! }
  type EntryAdded { cursor: StreamCursor! entry: Int! }
  type Query { entries: Int! }
  type Mutation { renewConnection(input: RenewConnectionInput!): RenewConnectionPayload! }
  input RenewConnectionInput { accessToken: String! }
  type RenewConnectionPayload { expiresAt: String! }
  type Subscription { log(after: StreamCursor): LogEvent! }
`);

export const LOG_QUERY = `subscription Log($after: StreamCursor) {
  log(after: $after) { ... on StreamOpened { cursor recovered } ... on EntryAdded { cursor entry } }
}`;

export type LogEvent = { cursor: string; recovered: boolean } | { cursor: string; entry: number };

export interface LogServerOptions {
  readonly accepts?: (token: string | undefined) => boolean;
  /** Above 0 the server is careless: it sends this many known events again on each resume, and every event twice. */
  readonly repeats?: number;
}

/** A real graphql-ws server over one log in memory. It keeps the contract's promises, and breaks connections when told to. */
export class LogServer {
  /** What each `connection_init` carried. */
  readonly tokens: (string | undefined)[] = [];
  /** The `after` of each subscribe message. */
  readonly resumedAfter: (string | null)[] = [];
  /** What each `renewConnection` carried. */
  readonly renewals: string[] = [];
  /** Errors for the next subscribe messages, one each. */
  readonly refusals: GraphQLError[] = [];
  private readonly log = new Log();
  private readonly readers = new Set<LogReader>();
  private readonly http = createServer();
  private readonly sockets = new WebSocketServer({ server: this.http, path: '/graphql' });

  private constructor({ accepts = () => true, repeats = 0 }: LogServerOptions) {
    const open = ({ after }: { after?: string | null }): LogReader => {
      this.resumedAfter.push(after ?? null);
      const refusal = this.refusals.shift();
      if (refusal) throw refusal;
      const reader = new LogReader(this.log, after ?? null, repeats, () => this.readers.delete(reader));
      this.readers.add(reader);
      return reader;
    };
    useServer(
      {
        schema: SCHEMA,
        roots: {
          subscription: { log: open },
          mutation: {
            renewConnection: ({ input }: { input: { accessToken: string } }) => {
              this.renewals.push(input.accessToken);
              return { expiresAt: 'later' };
            },
          },
        },
        onConnect: ({ connectionParams }) => {
          const { authorization } = { ...connectionParams };
          const token = typeof authorization === 'string' ? authorization.replace('Bearer ', '') : undefined;
          this.tokens.push(token);
          return accepts(token);
        },
      },
      this.sockets,
    );
  }

  static async start(options: LogServerOptions = {}): Promise<LogServer> {
    const server = new LogServer(options);
    await server.listen(0);
    return server;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}/graphql`;
  }

  private get port(): number {
    return (this.http.address() as AddressInfo).port;
  }

  /** Open sockets and running subscriptions: both are 0 once every client has gone. */
  get load(): { sockets: number; subscriptions: number } {
    return { sockets: this.sockets.clients.size, subscriptions: this.readers.size };
  }

  append(...entries: number[]): void {
    this.log.append(entries);
  }

  /** Cuts one socket at random, without a close frame. */
  cutOne(): void {
    const sockets = [...this.sockets.clients];
    sockets[Math.floor(Math.random() * sockets.length)]?.terminate();
  }

  closeAll(code: number, reason = ''): void {
    for (const socket of this.sockets.clients) socket.close(code, reason);
  }

  /** As the server does a minute before a token expires. */
  warnOfExpiry(): void {
    const message = JSON.stringify({ type: 'ping', payload: { type: 'token-expiring', expiresAt: new Date() } });
    for (const socket of this.sockets.clients) socket.send(message);
  }

  /** Every open connection goes silent: it stays open, and no message is heard or sent on it again. */
  silence(): void {
    for (const socket of this.sockets.clients) {
      socket.removeAllListeners('message');
      socket.send = () => undefined;
    }
  }

  /** A new epoch: no cursor of the old one can be recovered. */
  loseHistory(): void {
    this.log.restart();
  }

  /** Ends every running subscription by the server's own decision. */
  completeAll(): void {
    for (const reader of [...this.readers]) void reader.return();
  }

  /** Refuses connections while `work` runs, then listens on the same port again. */
  async down(work: () => Promise<void>): Promise<void> {
    const { port } = this;
    const closed = new Promise((resolve) => this.http.close(resolve));
    for (const socket of this.sockets.clients) socket.terminate();
    await closed;
    await work();
    await this.listen(port);
  }

  async close(): Promise<void> {
    for (const socket of this.sockets.clients) socket.terminate();
    await new Promise((resolve) => this.http.close(resolve));
    this.sockets.close();
  }

  private listen(port: number): Promise<void> {
    return new Promise((resolve) => this.http.listen(port, '127.0.0.1', resolve));
  }
}

class Log {
  epoch = 1;
  entries: number[] = [];
  readonly changed = new Set<() => void>();

  append(entries: number[]): void {
    this.entries.push(...entries);
    this.wake();
  }

  restart(): void {
    this.epoch += 1;
    this.entries = [];
    this.wake();
  }

  cursor(offset: number): string {
    return Buffer.from(`${this.epoch}|${offset}`).toString('base64url');
  }

  offset(cursor: string): number | null {
    const [epoch, offset] = Buffer.from(cursor, 'base64url').toString().split('|').map(Number);
    return epoch === this.epoch && offset !== undefined ? offset : null;
  }

  private wake(): void {
    for (const changed of [...this.changed]) changed();
  }
}

interface LogItem {
  __typename: 'StreamOpened' | 'EntryAdded';
  cursor: string;
  recovered?: boolean;
  entry?: number;
}

/** Opening first, then the entries after it. Written out, because a generator that waits cannot be returned from. */
class LogReader implements AsyncIterableIterator<{ log: LogItem }> {
  private readonly queue: LogItem[];
  private readonly times: number;
  private offset: number;
  private ended = false;

  constructor(
    private readonly log: Log,
    after: string | null,
    repeats: number,
    private readonly onEnd: () => void,
  ) {
    const known = after === null ? log.entries.length : log.offset(after);
    const start = known ?? log.entries.length;
    this.queue = [{ __typename: 'StreamOpened', cursor: log.cursor(start), recovered: known !== null }];
    this.offset = after === null || known === null ? start : Math.max(0, start - repeats);
    this.times = repeats > 0 ? 2 : 1;
  }

  async next(): Promise<IteratorResult<{ log: LogItem }>> {
    for (;;) {
      if (this.ended) return { done: true, value: undefined };
      const item = this.queue.shift() ?? this.read();
      if (item) return { done: false, value: { log: item } };
      await new Promise<void>((resolve) => {
        const changed = (): void => {
          this.log.changed.delete(changed);
          resolve();
        };
        this.log.changed.add(changed);
      });
    }
  }

  async return(): Promise<IteratorResult<{ log: LogItem }>> {
    this.ended = true;
    this.onEnd();
    for (const changed of [...this.log.changed]) changed();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  private read(): LogItem | undefined {
    const entry = this.log.entries[this.offset];
    if (entry === undefined) return undefined;
    this.offset += 1;
    const item: LogItem = { __typename: 'EntryAdded', cursor: this.log.cursor(this.offset), entry };
    for (let time = 1; time < this.times; time += 1) this.queue.push(item);
    return item;
  }
}
