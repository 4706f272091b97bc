import { EventEmitter } from 'node:events';
import type WebSocket from 'ws';
import { DEFAULT_LIMITS } from '../../src/graphql/limits';
import { Connection } from '../../src/transport/connection';

class FakeSocket extends EventEmitter {
  readonly stream = { bytesRead: 300 };
  closedWith: number | null = null;

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
  });
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
