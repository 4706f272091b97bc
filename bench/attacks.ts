/**
 * One attacker at a time, and what the others notice: each DoS row of the catalogue that is an attack on a running server.
 *
 *   npm run build && npm run bench:attacks -- [--quick] [--only D17,D22] [--embedded]
 *
 * A server with all its limits on, on PostgreSQL and Redis (`--embedded`: with nothing). Polite people on connections of their own ask forty
 * times a second: pages of messages, a session, questions. Their latency is measured for some seconds while nothing else happens, then while
 * an attacker, a process with an address and people of its own, does what one remote host could: how fast is in the table. Server,
 * database, attacker and the polite share two cores, so some of what is noticed is the attacker's own work: the first row is the same
 * procedure without an attacker, and the server's own CPU tells more than the times. Resident memory is from /proc: after a collection, the highest in between, and after a collection at the
 * end. Idle again: sockets and subscriptions as many as before, and the server's CPU as well.
 *
 * Promised: p99 of the others at most twice that of idle, at most 64 MB more, the same process alive, idle again within ten seconds, and
 * answered as the catalogue says. Ends with an error when one is not, the latency of the others excepted: that depends on the machine.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { undoAtLast } from './at-last';
import { pause } from './attacks/attack';
import type { Attack, Target } from './attacks/attack';
import type { Orders } from './attacks/attacker';
import { ATTACKS } from './attacks/list';
import { PoliteCrowd } from './attacks/polite';
import type { Wish } from './attacks/polite';
import { stopProcess } from './contestant';
import { ask, joinAsGuest, openConference, someAtOnce, startEmbeddedServer, startParleyServers } from './parley';
import type { ParleyServer } from './parley';
import { hangUp } from './posting';
import { cpuSeconds, percentile, residentKib } from './process-stats';

const { values: flags } = parseArgs({ options: { quick: { type: 'boolean' }, only: { type: 'string' }, embedded: { type: 'boolean' } } });
const SECONDS = flags.quick ? 5 : 10;
const EVERY_MS = 25;
const POLITE = 8;
const MESSAGES = 100;
const LOOK_EVERY_MS = 200;
const IDLE_WITHIN_MS = 10_000;
const MORE_MB = 64;
const NODE_ARGS = ['--expose-gc', '-r', path.join(__dirname, 'servers', 'memory-report.cjs')];

interface Stage {
  readonly server: ParleyServer;
  readonly hostToken: string;
  readonly code: string;
  readonly sessionId: string;
  readonly channelId: string;
  readonly questionId: string;
  readonly crowd: PoliteCrowd;
}

interface Figures {
  readonly idle: readonly number[];
  readonly attacked: readonly number[];
  /** The server's, of one core. */
  readonly cpuIdle: number;
  readonly cpuAttacked: number;
  /** Resident, in MB. */
  readonly before: number;
  readonly highest: number;
  readonly after: number;
  readonly idleAfterMs: number | null;
  readonly answers: Readonly<Record<string, number>>;
}

async function startServer(): Promise<{ server: ParleyServer; stop: () => Promise<void> }> {
  const options = { nodeArgs: NODE_ARGS, env: { PARLEY_RATE_LIMITS: 'on' } };
  if (flags.embedded) {
    const server = await startEmbeddedServer(options);
    return { server, stop: () => server.stop() };
  }
  const { servers, stop } = await startParleyServers(1, options);
  const [server] = servers;
  if (server === undefined) throw new Error('Parley did not start');
  return { server, stop };
}

async function setStage(server: ParleyServer): Promise<Stage> {
  const { url, pid } = server;
  const { hostToken, code, sessionId, channelId } = await openConference(url, 1_000);
  const send = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } } }';
  const writers = await someAtOnce(4, (n) => joinAsGuest(url, code, `Writer ${n}`));
  await someAtOnce(MESSAGES, (n) => ask(url, writers[n % 4] ?? '', send, { input: { channelId, body: `${n} ${'x'.repeat(3_900)}` } }), 4);
  const asked = 'mutation ($input: AskQuestionInput!) { askQuestion(input: $input) { question { id } } }';
  const { askQuestion } = await ask<{ askQuestion: { question: { id: string } } }>(url, hostToken, asked, {
    input: { sessionId, body: 'Why?' },
  });
  const tokens = await someAtOnce(POLITE, (n) => joinAsGuest(url, code, `Polite ${n}`));
  const bodies = [
    {
      query: 'query ($id: ID!) { channel(id: $id) { messages(last: 10) { edges { node { id body sender { id } } } } } }',
      variables: { id: channelId },
    },
    { query: 'query ($id: ID!) { session(id: $id) { id title status } }', variables: { id: sessionId } },
    {
      query: 'query ($id: ID!) { session(id: $id) { questions(first: 5) { edges { node { id body upvotes } } } } }',
      variables: { id: sessionId },
    },
  ].map((body) => JSON.stringify(body));
  const port = Number(new URL(url).port);
  const wishes = bodies.flatMap((body) =>
    tokens.map((token): Wish => ({ by: { name: 'Parley', pid, port, headers: { authorization: `Bearer ${token}` } }, body })),
  );
  return { server, hostToken, code, sessionId, channelId, questionId: askQuestion.question.id, crowd: new PoliteCrowd(wishes, EVERY_MS) };
}

async function measure(stage: Stage, attack: Attack, row: number): Promise<Figures> {
  const { server, crowd, sessionId, channelId, questionId, code } = stage;
  const tokens = await someAtOnce(attack.people ?? 0, (n) => joinAsGuest(server.url, code, `Attacker ${n}`));
  const attacker = fork(path.join(__dirname, 'attacks', 'attacker.ts'), {
    execArgv: ['-r', path.join(__dirname, '..', 'scripts', 'register.cjs')],
  });
  const gone = undoAtLast(() => stopProcess(attacker));
  await once(attacker, 'message');
  const before = await collectedMb(server);
  const busyBefore = await busyness(server);
  await crowd.latencies();
  const cpuIdle = await cpuShare(server, SECONDS * 1_000);
  const idle = await crowd.latencies();

  const seconds = Math.max(SECONDS, attack.seconds ?? 0);
  const until = Date.now() + seconds * 1_000;
  const target: Target = { url: server.url, address: `127.0.${row}.66`, tokens, sessionId, channelId, questionId, until };
  let highest = 0;
  const looking = setInterval(() => (highest = Math.max(highest, residentMb(server))), LOOK_EVERY_MS).unref();
  attacker.send({ id: attack.id, target } satisfies Orders);
  const [[answers], cpuAttacked] = (await Promise.all([once(attacker, 'message'), cpuShare(server, seconds * 1_000)])) as [
    [Record<string, number>],
    number,
  ];
  clearInterval(looking);
  const attacked = await crowd.latencies();
  const idleAfterMs = await untilIdle(server, busyBefore, cpuIdle);
  await gone();
  return { idle, attacked, cpuIdle, cpuAttacked, before, highest, after: await collectedMb(server), idleAfterMs, answers };
}

/** Sockets, event streams and subscriptions that are open. */
async function busyness({ url }: ParleyServer): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.split('\n').filter((line) => /^parley_(connections|subscriptions)_open[ {]/.test(line));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}

async function untilIdle(server: ParleyServer, busyBefore: number, cpuIdle: number): Promise<number | null> {
  const startedAt = performance.now();
  while (performance.now() - startedAt < 2 * IDLE_WITHIN_MS) {
    const cpu = await cpuShare(server, 500);
    if ((await busyness(server)) <= busyBefore && cpu <= cpuIdle + 0.15) return performance.now() - startedAt;
  }
  return null;
}

/** Of one core, over this time. */
async function cpuShare({ pid }: ParleyServer, ms: number): Promise<number> {
  const [cpu, at] = [cpuSeconds(pid), performance.now()];
  await pause(ms);
  return ((cpuSeconds(pid) - cpu) * 1_000) / (performance.now() - at);
}

function residentMb({ pid }: ParleyServer): number {
  return residentKib(pid) / 1_024;
}

async function collectedMb(server: ParleyServer): Promise<number> {
  server.process.send('memory');
  await once(server.process, 'message');
  return residentMb(server);
}

function verdictOf({ answers, above = /./ }: Attack, figures: Figures): string[] {
  const kinds = Object.keys(figures.answers);
  const broken: string[] = [];
  if (!kinds.every((kind) => answers.test(kind)) || !kinds.some((kind) => above.test(kind))) broken.push('answers');
  if (figures.highest - figures.before > MORE_MB) broken.push('memory');
  if (figures.idleAfterMs === null || figures.idleAfterMs > IDLE_WITHIN_MS) broken.push('not idle');
  return broken;
}

function row({ id, what, pace }: Attack, figures: Figures, broken: readonly string[]): string {
  const { idle, attacked, cpuIdle, cpuAttacked, before, highest, after, idleAfterMs, answers } = figures;
  const [p99Idle, p99] = [percentile(idle, 0.99), percentile(attacked, 0.99)];
  const told = Object.entries(answers).map(([kind, count]) => `${count} × ${kind}`);
  const cells = [
    id,
    `${what}; ${pace}`,
    `${percentile(idle, 0.5).toFixed(1)} / ${p99Idle.toFixed(1)}`,
    `${percentile(attacked, 0.5).toFixed(1)} / ${p99.toFixed(1)}`,
    (p99 / p99Idle).toFixed(1),
    `${(cpuIdle * 100).toFixed(0)} / ${(cpuAttacked * 100).toFixed(0)}`,
    [before, highest, after].map((mb) => mb.toFixed(0)).join(' / '),
    idleAfterMs === null ? '–' : (idleAfterMs / 1_000).toFixed(1),
    told.join(', '),
    broken.length === 0 ? 'yes' : `**${broken.join(', ')}**`,
  ];
  return `| ${cells.join(' | ')} |\n`;
}

async function main(): Promise<void> {
  const chosen = ATTACKS.filter(({ id }) => flags.only === undefined || id === '–' || flags.only.split(',').includes(id));
  const { server, stop } = await startServer();
  let under = 'nobody';
  const onExit = (code: number | null, signal: string | null): void => {
    throw new Error(`the server ended under ${under}: ${signal ?? code}`);
  };
  server.process.once('exit', onExit);
  try {
    const stage = await setStage(server);
    await pause(SECONDS * 1_000);
    process.stdout.write(
      '| id | attack, and its pace | idle p50 / p99 ms | attacked p50 / p99 ms | × p99 | server CPU % idle / attacked | resident MB before / at most / after | idle after s | answers | as promised |\n' +
        '|---|---|---|---|---|---|---|---|---|---|\n',
    );
    for (const [index, attack] of chosen.entries()) {
      under = attack.id;
      const figures = await measure(stage, attack, index + 1);
      const broken = verdictOf(attack, figures);
      if (broken.length > 0) process.exitCode = 1;
      process.stdout.write(row(attack, figures, broken));
    }
    stage.crowd.stop();
  } finally {
    server.process.off('exit', onExit);
    hangUp();
    await stop();
  }
}

void main();
