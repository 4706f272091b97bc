/**
 * Resume: many clients on one channel, spread over processes, every tenth of them cut off again and again, each coming back by cursor.
 *
 *   npm run bench:resume -- [--processes 2] [--clients 200] [--messages 1000] [--rate 50]
 *
 * Ends with what each client has after dropping known cursors: all, in order, none twice; and what was told as lost.
 */
import { parseArgs } from 'node:util';
import { Listener } from './listener';
import { ask, joinAsGuest, openConference, startParleyServers } from './parley';
import { percentile } from './process-stats';

const { values: flags } = parseArgs({
  options: {
    processes: { type: 'string', default: '2' },
    clients: { type: 'string', default: '200' },
    messages: { type: 'string', default: '1000' },
    rate: { type: 'string', default: '50' },
  },
});
const CLIENTS = Number(flags.clients);
const MESSAGES = Number(flags.messages);
const EVERY_MS = 1_000 / Number(flags.rate);
const PATIENCE_MS = 30_000;

async function main(): Promise<void> {
  const { servers, stop } = await startParleyServers(Number(flags.processes));
  const [first] = servers;
  if (first === undefined) throw new Error('at least one process');
  const { hostToken, code, channelId } = await openConference(first.url, CLIENTS);
  const listeners: Listener[] = [];
  for (let n = 0; n < CLIENTS; n += 1) {
    const { url } = servers[n % servers.length] ?? first;
    listeners.push(new Listener(url, await joinAsGuest(url, code, `Guest ${n}`), () => 150));
  }
  await Promise.all(listeners.map((listener) => listener.open(channelId)));

  const sent: string[] = [];
  const started = Date.now();
  const droppers = listeners.filter((_, index) => index % 10 === 0);
  for (let n = 0; n < MESSAGES; n += 1) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, started + n * EVERY_MS - Date.now())));
    const body = `${n} ${Date.now()}`;
    sent.push(body);
    await ask(first.url, hostToken, 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } } }', {
      input: { channelId, body, clientId: `${n}` },
    });
    if (Math.random() < 0.5) droppers[Math.floor(Math.random() * droppers.length)]?.cut();
  }
  const deadline = Date.now() + PATIENCE_MS;
  while (listeners.some(({ received }) => received.length < MESSAGES) && Date.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 50));

  const whole = listeners.filter(({ received }) => received.length === MESSAGES && received.every((body, index) => body === sent[index]));
  const steady = listeners.filter(({ cuts }) => cuts === 0).flatMap(({ latencies }) => latencies);
  const total = (pick: (listener: Listener) => number): number => listeners.reduce((sum, listener) => sum + pick(listener), 0);
  process.stdout.write(`| processes | clients | messages | cuts | complete, in order, none twice | told as lost | p50 ms | p99 ms |
|---|---|---|---|---|---|---|---|
| ${servers.length} | ${CLIENTS} | ${MESSAGES} | ${total(({ cuts }) => cuts)} | ${whole.length} of ${CLIENTS} | ${total(({ resets }) => resets)} | ${percentile(steady, 0.5)} | ${percentile(steady, 0.99)} |
`);
  await Promise.all(listeners.map((listener) => listener.stop()));
  await stop();
  if (whole.length < CLIENTS) process.exitCode = 1;
}

void main();
