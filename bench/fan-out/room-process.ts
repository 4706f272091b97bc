/** The subscribers, in a process of their own: opens the seats, counts what arrives, checks that it is complete and in order. */
import WebSocket from 'ws';
import type { RoomSeat } from './contestant';
import { roomOf } from './event';

export type Order =
  | { readonly kind: 'open'; readonly seats: readonly RoomSeat[]; readonly rooms: number }
  /** From which number on events come, and how many. */
  | { readonly kind: 'expect'; readonly from: number; readonly count: number };

/** `complete`: events that everyone has whom they are for. `wrong`: arrivals out of turn, or in the wrong room. */
export interface Outcome {
  readonly complete: number;
  readonly deliveries: number;
  readonly wrong: number;
}

export type Report =
  | { readonly kind: 'ready' }
  | { readonly kind: 'everyone'; readonly n: number }
  | ({ readonly kind: 'done' } & Outcome)
  | { readonly kind: 'broken'; readonly reason: string };

const OPENING_AT_ONCE = 50;
/** When nothing has arrived for so long, nothing will. */
const PATIENCE_MS = 30_000;

const sockets: WebSocket[] = [];
let seats: readonly RoomSeat[] = [];
let rooms = 1;
let members: number[] = [];
let next: number[] = [];
/** How many have received event n. */
let reached = new Map<number, number>();
let expected = 0;
let deliveries = 0;
let wrong = 0;
let complete = 0;
let patience: NodeJS.Timeout | null = null;

process.on('message', (order: Order) => {
  if (order.kind === 'open') openAll(order).then(ready, (error: unknown) => report({ kind: 'broken', reason: String(error) }));
  else begin(order.from, order.count);
});

function report(what: Report): void {
  process.send?.(what);
}

function ready(): void {
  report({ kind: 'ready' });
}

function begin(from: number, count: number): void {
  next = seats.map(({ room }) => firstFrom(from, room));
  reached = new Map();
  expected = count;
  [deliveries, wrong, complete] = [0, 0, 0];
  patience = setTimeout(finish, PATIENCE_MS);
  ready();
}

/** The first number from this one on that belongs to the room. */
function firstFrom(from: number, room: number): number {
  let n = from;
  while (roomOf(n, rooms) !== room) n += 1;
  return n;
}

function finish(): void {
  if (patience !== null) clearTimeout(patience);
  patience = null;
  report({ kind: 'done', complete, deliveries, wrong });
}

async function openAll(order: Extract<Order, { kind: 'open' }>): Promise<void> {
  ({ seats, rooms } = order);
  members = Array.from({ length: rooms }, (_, room) => seats.filter((seat) => seat.room === room).length);
  for (let start = 0; start < seats.length; start += OPENING_AT_ONCE) {
    await Promise.all(seats.slice(start, start + OPENING_AT_ONCE).map((seat, index) => open(seat, start + index)));
  }
}

function open({ url, protocol, hello, heartbeat }: RoomSeat, index: number): Promise<void> {
  const socket = new WebSocket(url, protocol, { perMessageDeflate: false });
  sockets[index] = socket;
  const bursts = [...hello];
  return new Promise((resolve, reject) => {
    const say = (): void => {
      const burst = bursts.shift();
      if (burst === undefined) resolve();
      else for (const message of burst) socket.send(message);
    };
    socket.on('open', say);
    socket.on('error', reject);
    socket.on('close', (code) => {
      report({ kind: 'broken', reason: `a subscriber was closed with ${code}` });
    });
    socket.on('message', (data: Buffer) => {
      const n = numberIn(data);
      if (n !== null) arrived(index, n);
      else if (heartbeat !== undefined && data.toString() === heartbeat.asked) socket.send(heartbeat.answered);
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
  deliveries += 1;
  if (n !== next[index]) wrong += 1;
  next[index] = n + rooms;
  const count = (reached.get(n) ?? 0) + 1;
  if (count < (members[roomOf(n, rooms)] ?? 0)) {
    reached.set(n, count);
    return;
  }
  reached.delete(n);
  complete += 1;
  patience?.refresh();
  report({ kind: 'everyone', n });
  if (complete === expected) finish();
}
