/** A room of subscribers in a process of its own: opens the seats, counts what arrives, checks that it is complete and in order. */
import WebSocket from 'ws';
import type { Seat } from './contestant';

interface Open {
  readonly kind: 'open';
  readonly seats: readonly Seat[];
}

interface Expect {
  readonly kind: 'expect';
  /** Everyone's next number, and how many follow. */
  readonly from: number;
  readonly count: number;
}

const OPENING_AT_ONCE = 50;
const sockets: WebSocket[] = [];
let next: number[] = [];
/** How many have received event n. */
let reached = new Map<number, number>();
let wrong = 0;
let until = 0;
let complete = 0;

process.on('message', (order: Open | Expect) => {
  if (order.kind === 'open') void openAll(order.seats);
  else begin(order);
});

function begin({ from, count }: Expect): void {
  next = sockets.map(() => from);
  reached = new Map();
  wrong = 0;
  complete = 0;
  until = from + count;
  process.send?.({ kind: 'expecting' });
}

async function openAll(seats: readonly Seat[]): Promise<void> {
  for (let start = 0; start < seats.length; start += OPENING_AT_ONCE) {
    await Promise.all(seats.slice(start, start + OPENING_AT_ONCE).map((seat, index) => open(seat, start + index)));
  }
  process.send?.({ kind: 'opened' });
}

function open(seat: Seat, index: number): Promise<void> {
  const socket = new WebSocket(seat.url, seat.protocol, { perMessageDeflate: false });
  sockets[index] = socket;
  const hello = [...seat.hello];
  return new Promise((resolve, reject) => {
    const say = (): void => {
      const burst = hello.shift();
      if (burst === undefined) resolve();
      else for (const message of burst) socket.send(message);
    };
    socket.on('open', say);
    socket.on('error', reject);
    socket.on('close', (code) => reject(new Error(`closed with ${code}`)));
    socket.on('message', (data: Buffer) => {
      const n = numberIn(data);
      if (n !== null) arrived(index, n);
      else say();
    });
  });
}

/** Events carry their number as `#123;` in their text. */
function numberIn(data: Buffer): number | null {
  const start = data.indexOf(35);
  if (start === -1) return null;
  let n = 0;
  for (let at = start + 1; at < data.length; at += 1) {
    const digit = (data[at] ?? 0) - 48;
    if (digit === 11) return n;
    if (digit < 0 || digit > 9) return null;
    n = n * 10 + digit;
  }
  return null;
}

function arrived(index: number, n: number): void {
  if (n !== next[index]) wrong += 1;
  next[index] = n + 1;
  const count = (reached.get(n) ?? 0) + 1;
  if (count < sockets.length) {
    reached.set(n, count);
    return;
  }
  reached.delete(n);
  complete += 1;
  process.send?.({ kind: 'everyone', n });
  if (n + 1 === until) process.send?.({ kind: 'done', complete, wrong });
}
