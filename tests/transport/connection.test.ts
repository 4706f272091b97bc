import { EventEmitter } from 'node:events';
import type WebSocket from 'ws';
import { DEFAULT_LIMITS } from '../../src/graphql/limits';
import type { Viewer } from '../../src/lib/viewer';
import { Connection } from '../../src/transport/connection';

class FakeSocket extends EventEmitter {
  readonly stream = { bytesRead: 300, bytesWritten: 0 };
  readonly OPEN = 1;
  readonly readyState = 1;
  readonly sent: string[] = [];
  closedWith: number | null = null;

  send(text: string): void {
    this.sent.push(text);
  }

  close(code: number): void {
    this.closedWith ??= code;
  }

  /** Bytes have come; what they were is told by the events that follow. */
  read(bytes: number): this {
    this.stream.bytesRead += bytes;
    return this;
  }
}

function open({ rated = true } = {}): { socket: FakeSocket; connection: Connection } {
  const socket = new FakeSocket();
  const connection = new Connection({
    socket: socket as unknown as WebSocket,
    stream: socket.stream,
    address: '127.0.0.1',
    seat: { identify: () => null, release: () => undefined },
    limits: DEFAULT_LIMITS,
    rated,
    pingTurn: 0,
    authorization: null,
  });
  // As its conversation does.
  for (const frame of ['ping', 'pong']) socket.on(frame, ({ length }: Buffer) => connection.hearControlFrame(length));
  return { socket, connection };
}

const SECOND = 1_000;

describe('a message', () => {
  test('may take ten seconds to arrive', () => {
    const { socket, connection } = open();
    socket.read(10);
    connection.checkFinished(0);
    connection.checkFinished(9 * SECOND);
    expect(socket.closedWith).toBeNull();
    socket.read(10);
    connection.checkFinished(10 * SECOND);
    expect(socket.closedWith).toBe(1013);
  });

  test('that has arrived is no reason to wait', () => {
    const { socket, connection } = open();
    for (let now = 0; now < 60 * SECOND; now += SECOND) {
      socket.read(10);
      connection.checkFinished(now);
      socket.read(10);
      connection.hearMessage();
    }
    expect(socket.closedWith).toBeNull();
  });

  test.each(['ping', 'pong'])('is not taken for begun because of a %s, nor for ended', (frame) => {
    const { socket, connection } = open();
    for (let now = 0; now < 60 * SECOND; now += SECOND) {
      socket.read(6 + 4).emit(frame, Buffer.from('beat'));
      connection.checkFinished(now);
    }
    expect(socket.closedWith).toBeNull();
    socket.read(7);
    for (let now = 60 * SECOND; now <= 70 * SECOND; now += SECOND) {
      socket.read(6 + 4).emit(frame, Buffer.from('beat'));
      connection.checkFinished(now);
    }
    expect(socket.closedWith).toBe(1013);
  });
});

describe('frames that start no operation', () => {
  test('may come a hundred a second for ever', () => {
    const { socket, connection } = open();
    for (let second = 0; second < 100; second += 1) {
      for (let n = 0; n < 100; n += 1) expect(connection.takeFrame()).toBe(true);
      connection.allowFrames(100);
    }
    expect(socket.closedWith).toBeNull();
  });

  test('may come five hundred at once, and not one more', () => {
    const { socket, connection } = open();
    for (let n = 0; n < 500; n += 1) socket.read(6).emit('ping', Buffer.alloc(0));
    expect(socket.closedWith).toBeNull();
    expect(connection.takeFrame()).toBe(false);
    expect(socket.closedWith).toBe(1008);
  });

  test('that were allowed for and did not come are not saved up', () => {
    const { socket, connection } = open();
    connection.allowFrames(10_000);
    for (let n = 0; n < 501; n += 1) connection.takeFrame();
    expect(socket.closedWith).toBe(1008);
  });
});

describe('a token that is about to expire', () => {
  const userUntil = (expiresAt: number): Viewer => ({ kind: 'user', userId: 'ada', familyId: 'one', expiresAt: new Date(expiresAt) });
  const warning = (expiresAt: number): string =>
    `{"type":"ping","payload":{"type":"token-expiring","expiresAt":"${new Date(expiresAt).toISOString()}"}}`;

  function identified(expiresAt: number) {
    const opened = open();
    opened.connection.identify(userUntil(expiresAt));
    return opened;
  }

  test('is told a minute before, once, and ends the connection when it has', () => {
    const { socket, connection } = identified(300 * SECOND);
    connection.checkExpired(239 * SECOND);
    expect(socket.sent).toEqual([]);
    for (let now = 240; now < 300; now += 1) connection.checkExpired(now * SECOND);
    expect([socket.sent, socket.closedWith]).toEqual([[warning(300 * SECOND)], null]);
    connection.checkExpired(300 * SECOND);
    expect(socket.closedWith).toBe(4403);
  });

  test('is told again for the fresher one, which ends it later', () => {
    const { socket, connection } = identified(300 * SECOND);
    connection.checkExpired(250 * SECOND);
    connection.renew(userUntil(900 * SECOND));
    connection.checkExpired(300 * SECOND);
    connection.checkExpired(850 * SECOND);
    expect([socket.sent, socket.closedWith]).toEqual([[warning(300 * SECOND), warning(900 * SECOND)], null]);
    connection.checkExpired(900 * SECOND);
    expect(socket.closedWith).toBe(4403);
  });

  test('is told to whoever asks, also when it was told before they asked, until they are gone', async () => {
    const { connection } = identified(300 * SECOND);
    const gone = new AbortController();
    const early = connection.expirations(gone.signal);
    const waiting = early.next();
    connection.checkExpired(250 * SECOND);
    expect(await waiting).toEqual({ value: new Date(300 * SECOND), done: false });
    const late = connection.expirations(new AbortController().signal);
    expect(await late.next()).toEqual({ value: new Date(300 * SECOND), done: false });

    const pending = early.next();
    gone.abort();
    expect(await pending).toEqual({ value: undefined, done: true });
    await late.return();
    expect(await late.next()).toEqual({ value: undefined, done: true });
  });

  test('is no business of the anonymous', () => {
    const { socket, connection } = open();
    connection.checkExpired(Number.MAX_SAFE_INTEGER);
    expect([socket.sent, socket.closedWith]).toEqual([[], null]);
  });
});
