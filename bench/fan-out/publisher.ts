import WebSocket from 'ws';
import type { RoomSeat } from './contestant';

/** What a text of the server says about the oldest event that waits; undefined: nothing. */
export type Answer = 'accepted' | 'refused' | undefined;

export interface Publishing extends Pick<RoomSeat, 'url' | 'protocol' | 'heartbeat'> {
  /** Sent in turn, each after the answer to the one before. */
  readonly hello: readonly string[];
  readonly write: (n: number) => string;
  readonly read: (text: string) => Answer;
}

export interface Publisher {
  /** Resolves when the server has accepted the event; rejects, with what it said, when it refuses. */
  readonly publish: (n: number) => Promise<void>;
  readonly close: () => void;
}

interface Waiting {
  accept(): void;
  refuse(reason: Error): void;
}

/** One publisher on a WebSocket of its own. */
export async function openPublisher({ url, protocol, hello, heartbeat, write, read }: Publishing): Promise<Publisher> {
  const socket = new WebSocket(url, protocol, { perMessageDeflate: false });
  const waiting: Waiting[] = [];
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  for (const message of hello) {
    socket.send(message);
    await new Promise((resolve) => socket.once('message', resolve));
  }
  socket.on('message', (data: Buffer) => {
    const text = data.toString();
    if (heartbeat !== undefined && text === heartbeat.asked) socket.send(heartbeat.answered);
    const said = read(text);
    if (said === 'accepted') waiting.shift()?.accept();
    else if (said === 'refused') waiting.shift()?.refuse(new Error(text));
  });
  const publish = (n: number): Promise<void> =>
    new Promise((resolve, reject) => {
      waiting.push({ accept: resolve, refuse: reject });
      socket.send(write(n));
    });
  return { publish, close: () => socket.terminate() };
}

/** How servers of graphql-transport-ws answer a mutation. */
export function readGraphql(text: string): Answer {
  if (text.includes('"errors"') || text.includes('"type":"error"')) return 'refused';
  return text.includes('"next"') ? 'accepted' : undefined;
}
