/** What is done to a server by sockets: D17 to D21, D24 to D27, and by spam on them: D30. */
import WebSocket from 'ws';
import { connectionInit, PROTOCOL } from '../parley';
import { paced, pause } from './attack';
import type { Attack, Tally, Target } from './attack';

interface Message {
  readonly type: string;
  readonly payload?: unknown;
}

type OnMessage = (message: Message) => void;

/** Opens sockets from the attacker's address, and counts how they and their operations end. */
class Attacker {
  private readonly sockets = new Set<WebSocket>();

  constructor(
    readonly target: Target,
    readonly tally: Tally,
  ) {}

  /** Without a token nothing is said on it. */
  open(token: string | null, onMessage: OnMessage = () => undefined, deflate = false): Promise<WebSocket | null> {
    const { url, address } = this.target;
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/graphql`, PROTOCOL, {
      perMessageDeflate: deflate,
      localAddress: address,
    });
    this.sockets.add(socket);
    return new Promise((resolve) => {
      socket.on('open', () => {
        if (socket.extensions !== '') this.tally.add(`extension ${socket.extensions}`);
        if (token === null) return resolve(socket);
        socket.send(connectionInit(token));
      });
      socket.on('message', (data: Buffer) => {
        const message = JSON.parse(data.toString()) as Message;
        if (message.type === 'connection_ack') resolve(socket);
        else this.count(message);
        onMessage(message);
      });
      socket.on('unexpected-response', (_request, { statusCode }) => {
        this.tally.add(`upgrade ${statusCode}`);
        resolve(null);
      });
      socket.on('error', () => undefined);
      socket.on('close', (code) => {
        if (this.sockets.delete(socket)) this.tally.add(`close ${code}`);
        resolve(null);
      });
    });
  }

  /** One socket after another: as soon as one is closed, the next. */
  async reopening(token: string, perSecond: number, act: (socket: WebSocket, n: number) => void): Promise<void> {
    let socket: WebSocket | null = null;
    let opening = false;
    await paced(this.target, perSecond, (n) => {
      if (socket?.readyState === WebSocket.OPEN) return act(socket, n);
      if (opening) return;
      opening = true;
      void this.open(token).then((opened) => ([socket, opening] = [opened, false]));
    });
  }

  leave(): void {
    for (const socket of this.sockets) {
      this.sockets.delete(socket);
      socket.terminate();
    }
  }

  private count({ type, payload }: Message): void {
    const errors = type === 'error' ? payload : (payload as { errors?: unknown } | undefined)?.errors;
    if (Array.isArray(errors)) this.tally.add(String((errors as { extensions?: { code?: string } }[])[0]?.extensions?.code));
    else if (type === 'next') this.tally.add('event');
  }
}

function attack(rest: Omit<Attack, 'run'>, act: (attacker: Attacker) => Promise<void>): Attack {
  const run = async (target: Target, tally: Tally): Promise<void> => {
    const attacker = new Attacker(target, tally);
    await act(attacker);
    attacker.leave();
  };
  return { ...rest, run };
}

function send(socket: WebSocket, message: object): void {
  socket.send(JSON.stringify(message));
}

function subscribe(socket: WebSocket, id: string, query: string): void {
  send(socket, { id, type: 'subscribe', payload: { query } });
}

const events = ({ channelId }: Target): string => `subscription { channelEvents(channelId: "${channelId}") { __typename } }`;
const typing = ({ channelId }: Target, is: boolean): string =>
  `mutation { setTyping(input: { channelId: "${channelId}", typing: ${is} }) { typing } }`;
const vote = ({ questionId }: Target, value: string): string =>
  `mutation { voteQuestion(input: { questionId: "${questionId}", value: ${value} }) { question { id } } }`;
const message = ({ channelId }: Target, n: number): string =>
  `mutation { sendMessage(input: { channelId: "${channelId}", body: "Spam ${n}" }) { message { id } } }`;

export const SOCKET_ATTACKS: readonly Attack[] = [
  attack(
    {
      id: 'D17',
      what: 'subscriptions opened and closed',
      pace: '200 a second on one socket, opened anew when it is closed',
      people: 1,
      answers: /^(event|RATE_LIMITED|close 1013)$/,
      above: /^close 1013$/,
    },
    (attacker) =>
      attacker.reopening(attacker.target.tokens[0] ?? '', 200, (socket, n) => {
        subscribe(socket, `${n}`, events(attacker.target));
        send(socket, { id: `${n}`, type: 'complete' });
      }),
  ),
  attack(
    {
      id: 'D18',
      what: '5,000 subscriptions on one socket',
      pace: 'at once, then 500 a second',
      people: 1,
      answers: /^(event|RATE_LIMITED|close 1013)$/,
      above: /^close 1013$/,
    },
    async (attacker) => {
      const socket = await attacker.open(attacker.target.tokens[0] ?? '');
      for (let n = 0; n < 5_000 && socket !== null; n += 1) subscribe(socket, `${n}`, events(attacker.target));
      await attacker.reopening(attacker.target.tokens[0] ?? '', 500, (again, n) => subscribe(again, `x${n}`, events(attacker.target)));
    },
  ),
  attack(
    {
      id: 'D19',
      what: '1,000 subscriptions of one person on ten sockets',
      pace: '200 a second',
      people: 1,
      answers: /^(event|RATE_LIMITED|close 1013)$/,
      above: /^RATE_LIMITED$/,
    },
    async (attacker) => {
      const { target } = attacker;
      const sockets = await Promise.all(Array.from({ length: 10 }, () => attacker.open(target.tokens[0] ?? '')));
      await paced(target, 200, (n) => {
        const socket = sockets[n % 10];
        if (n <= 1_000 && socket?.readyState === WebSocket.OPEN) subscribe(socket, `${n}`, events(target));
      });
    },
  ),
  attack(
    {
      id: 'D20',
      what: 'sockets that nobody signs in on, 20 taken',
      pace: '500 connections a second of one address',
      answers: /^close (1013|4408)$/,
      above: /^close 4408$/,
    },
    (attacker) => paced(attacker.target, 500, () => void attacker.open(null)),
  ),
  attack(
    {
      id: 'D21',
      what: 'idle sockets of one person, 10 taken',
      pace: '200 connections a second',
      people: 1,
      answers: /^close 1013$/,
    },
    (attacker) => paced(attacker.target, 200, () => void attacker.open(attacker.target.tokens[0] ?? '')),
  ),
  attack(
    {
      id: 'D24',
      what: 'messages of 1 MB',
      pace: '10 a second, a socket each',
      people: 1,
      answers: /^close (1009|1006|1013)$/,
      above: /^close 1009$/,
    },
    (attacker) => attacker.reopening(attacker.target.tokens[0] ?? '', 10, (socket) => socket.send('x'.repeat(1_000_000))),
  ),
  attack(
    {
      id: 'D25',
      what: 'fragments of one byte, of messages that never end',
      pace: '5,000 a second on one socket, opened anew when it is closed',
      people: 1,
      answers: /^close (1008|1013)$/,
      above: /^close 1008$/,
    },
    (attacker) => attacker.reopening(attacker.target.tokens[0] ?? '', 5_000, (socket) => socket.send('x', { fin: false })),
  ),
  attack(
    {
      id: 'D26b',
      what: 'sockets that ask for compression',
      pace: '20 a second, 64 kB sent on each',
      people: 1,
      answers: /^close (1009|1013|4400)$/,
    },
    (attacker) =>
      paced(attacker.target, 20, () => {
        const opened = attacker.open(attacker.target.tokens[0] ?? '', undefined, true);
        void opened.then((socket) => socket?.send('x'.repeat(65_000), { compress: true }));
      }),
  ),
  attack(
    {
      id: 'D27',
      what: 'pings, pongs, garbage',
      pace: '10,000 frames a second on one socket, opened anew when it is closed',
      people: 1,
      answers: /^close (1008|4400|1013|1006)$/,
      above: /^close 1008$/,
    },
    (attacker) =>
      attacker.reopening(attacker.target.tokens[0] ?? '', 10_000, (socket, n) => {
        if (n % 5_000 === 0) socket.send('garbage');
        else if (n % 2 === 0) socket.ping();
        else socket.pong();
      }),
  ),
  attack(
    {
      id: 'D30',
      what: 'typing, toggled votes and messages without end',
      pace: '20 of each a second, by three people',
      people: 3,
      answers: /^(event|RATE_LIMITED|close 1013)$/,
      above: /^RATE_LIMITED$/,
    },
    async (attacker) => {
      const { target } = attacker;
      const [types = '', votes = '', sends = ''] = target.tokens;
      await Promise.all([
        attacker.reopening(types, 20, (socket, n) => subscribe(socket, `${n}`, typing(target, n % 2 === 0))),
        attacker.reopening(votes, 20, (socket, n) => subscribe(socket, `${n}`, vote(target, n % 2 === 0 ? 'UP' : 'NONE'))),
        attacker.reopening(sends, 20, (socket, n) => subscribe(socket, `${n}`, message(target, n))),
      ]);
      await pause(0);
    },
  ),
];
