import WebSocket from 'ws';
import { connectionInit } from './parley';

interface Answer {
  readonly id: string;
  readonly type: string;
  readonly payload?: unknown;
}

export interface Answered<Data> {
  readonly data: Data;
  /** `performance.now()`. */
  readonly sentAt: number;
  readonly answeredAt: number;
}

/** A socket on which this person has signed in. */
export async function signIn(url: string, token: string): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/graphql`, 'graphql-transport-ws', { perMessageDeflate: false });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  socket.send(connectionInit(token));
  await new Promise((resolve) => socket.once('message', resolve));
  return socket;
}

/** One person's socket, on which operations are asked and answered. */
export class Caller {
  private readonly waiting = new Map<string, (answer: Answer) => void>();
  private asked = 0;

  private constructor(private readonly socket: WebSocket) {
    socket.on('message', (data: Buffer) => {
      const answer = JSON.parse(data.toString()) as Answer;
      if (answer.type === 'ping') socket.send('{"type":"pong"}');
      if (answer.type !== 'next' && answer.type !== 'error') return;
      this.waiting.get(answer.id)?.(answer);
      this.waiting.delete(answer.id);
    });
  }

  static async open(url: string, token: string): Promise<Caller> {
    return new Caller(await signIn(url, token));
  }

  /** Throws when it was refused. */
  async ask<Data>(query: string, variables: object): Promise<Answered<Data>> {
    const id = String((this.asked += 1));
    const sentAt = performance.now();
    const answered = new Promise<Answer>((resolve) => this.waiting.set(id, resolve));
    this.socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query, variables } }));
    const answer = await answered;
    const { data } = (answer.payload ?? {}) as { readonly data?: Data | null };
    if (data == null) throw new Error(`refused: ${JSON.stringify(answer)}`);
    return { data, sentAt, answeredAt: performance.now() };
  }

  close(): void {
    this.socket.terminate();
  }
}
