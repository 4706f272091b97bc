/** Peers that take their time: D22 and D23. */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { pause } from './attack';
import type { Attack, Tally, Target } from './attack';

const PEERS = 200;
const READERS = 50;
const PAGES = 16;
const LAST_LOOK_MS = 1_000;
const HEAD = 'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n';

/** So many connections, each treated the same until the attack is over or the server ends it. */
async function peers(
  target: Target,
  tally: Tally,
  count: number,
  treat: (socket: Socket, n: number) => NodeJS.Timeout | null,
): Promise<void> {
  const { hostname, port } = new URL(target.url);
  const ends = Array.from({ length: count }, (_, n) => {
    const socket = connect({ host: hostname, port: Number(port), localAddress: target.address, allowHalfOpen: true });
    let heard = '';
    let over = false;
    socket.on('data', (data) => (heard = heard === '' ? data.toString('latin1', 0, 12) : heard));
    socket.on('error', () => undefined);
    const timer = treat(socket, n);
    socket.on('close', () => {
      if (timer !== null) clearInterval(timer);
      if (!over) tally.add(socket.isPaused() || heard.includes(' 200 ') ? 'cut off' : (heard.split(' ')[1] ?? heard));
    });
    return {
      // Who reads nothing does not see the end either.
      look: () => socket.resume(),
      leave: () => {
        over = true;
        socket.destroy();
      },
    };
  });
  await pause(Math.max(0, target.until - Date.now() - LAST_LOOK_MS));
  ends.forEach(({ look }) => look());
  await pause(LAST_LOOK_MS);
  ends.forEach(({ leave }) => leave());
}

function trickling(head: string): (socket: Socket) => NodeJS.Timeout {
  return (socket) => {
    socket.write(head);
    return setInterval(() => socket.writable && socket.write('x'), 1_000);
  };
}

/** Asks for all that there is, over and over, and reads nothing of it. */
function unread({ channelId, tokens }: Target): (socket: Socket, n: number) => null {
  const body = JSON.stringify({ query: `{ channel(id: "${channelId}") { messages(first: 100) { edges { node { id body } } } } }` });
  return (socket, n) => {
    const asked = `${HEAD}authorization: Bearer ${tokens[n] ?? ''}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
    socket.write(asked.repeat(PAGES));
    socket.once('data', () => socket.pause());
    return null;
  };
}

export const SLOW_ATTACKS: readonly Attack[] = [
  {
    id: 'D22',
    what: `${PEERS} peers send headers, ${PEERS} a body, a byte a second`,
    pace: 'a byte a second each',
    seconds: 36,
    answers: /^408$/,
    run: async (target, tally) => {
      await Promise.all([
        peers(target, tally, PEERS, trickling(`${HEAD}x-long: `)),
        peers(target, tally, PEERS, trickling(`${HEAD}content-length: 100000\r\n\r\n{"query":"`)),
      ]);
    },
  },
  {
    id: 'D23',
    what: `${READERS} peers ask for ${PAGES} pages of 100 messages of 4 kB each, and read nothing`,
    pace: 'once each',
    people: READERS,
    seconds: 40,
    answers: /^cut off$/,
    run: (target, tally) => peers(target, tally, READERS, unread(target)),
  },
];
