/**
 * Plays a whole session against a running server (`npm run demo -- --url http://127.0.0.1:4000`), or against one of its own.
 * One host, fifty guests on real sockets: chat, questions, votes, signaling; one guest is cut off and resumes.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import WebSocket from 'ws';
import { createParleyClient } from '../client/resume';
import type { ParleyClient, StreamItem } from '../client/resume';

const GUESTS = 50;
const CHAT_ROUNDS = 6;
const QUESTIONS = 10;
const PATIENCE_MS = 15_000;

const HELP = `Usage: npm run demo -- [--url URL]

Plays one session with ${GUESTS} guests and prints what was sent, delivered, lost, doubled or out of order.
Without --url it looks for a server on http://127.0.0.1:4000 and starts one of its own when there is none.
`;

interface Message extends StreamItem {
  readonly message: { readonly body: string };
}

interface SignalItem extends StreamItem {
  readonly signal: { readonly from: string; readonly payload: { readonly sdp: string } };
}

interface Tally {
  readonly questionId: string;
  readonly upvotes: number;
}

/** What one listener received of a sequence whose members are known by their text. */
class Receipts {
  private readonly seen: string[] = [];

  constructor(private readonly ledger: Ledger) {}

  get count(): number {
    return new Set(this.seen).size;
  }

  take(text: string): void {
    this.ledger.delivered(text);
    this.seen.push(text);
  }

  /** Compares with what was sent, in the order in which it was acknowledged. */
  check(sent: readonly string[]): { lost: number; duplicated: number; outOfOrder: number } {
    const received = new Set(this.seen);
    const places = [...received].map((text) => sent.indexOf(text));
    return {
      lost: sent.filter((text) => !received.has(text)).length,
      duplicated: this.seen.length - received.size,
      outOfOrder: places.filter((place, index) => index > 0 && place < (places[index - 1] ?? 0)).length,
    };
  }
}

/** When each text was sent, and how long each delivery took. */
class Ledger {
  readonly latencies: number[] = [];
  private readonly sentAt = new Map<string, number>();

  sending(text: string): void {
    this.sentAt.set(text, performance.now());
  }

  delivered(text: string): void {
    const sentAt = this.sentAt.get(text);
    if (sentAt !== undefined) this.latencies.push(performance.now() - sentAt);
  }

  percentile(share: number): string {
    const sorted = [...this.latencies].sort((a, b) => a - b);
    return (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(1);
  }
}

interface Guest {
  readonly token: string;
  readonly attendeeId: string;
  readonly client: ParleyClient;
  readonly chat: Receipts;
  readonly inbox: Receipts;
  readonly tallies: Map<string, number>;
  readonly stop: AbortController;
  readonly sockets: WebSocket[];
}

interface Row {
  readonly what: string;
  readonly sent: number;
  readonly expected: number;
  readonly delivered: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly outOfOrder: number;
  readonly latency: string;
}

const JOIN = `mutation ($input: JoinSessionInput!) { joinSession(input: $input) { token attendee { id } } }`;
const SEND = `mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } } }`;
const VOTE = `mutation ($input: VoteQuestionInput!) { voteQuestion(input: $input) { question { id } } }`;
const SIGNAL = `mutation ($input: SendSignalInput!) { sendSignal(input: $input) { delivered } }`;

const CHAT = `subscription ($channelId: ID!, $after: StreamCursor) { channelEvents(channelId: $channelId, after: $after) {
  ... on StreamOpened { cursor recovered } ... on MessageAdded { cursor message { body } } } }`;
const INBOX = `subscription ($sessionId: ID!, $after: StreamCursor) { signals(sessionId: $sessionId, after: $after) {
  ... on StreamOpened { cursor recovered } ... on SignalReceived { cursor signal { from payload } } } }`;
const TALLIES = `subscription ($sessionId: ID!) { questionTallies(sessionId: $sessionId) { questionId upvotes } }`;

const SDP =
  'v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=rtpmap:111 opus/48000/2\r\n';

async function play(url: string): Promise<Row[]> {
  const host = await ask<{ register: { accessToken: string } }>(
    url,
    null,
    `mutation ($input: RegisterInput!) { register(input: $input) { accessToken } }`,
    {
      input: { email: `demo-${Date.now()}@example.org`, password: 'a demo password', displayName: 'Demo host' },
    },
  );
  const hostToken = host.register.accessToken;
  const { createSession } = await ask<{ createSession: { session: { id: string; code: string; channel: { id: string } } } }>(
    url,
    hostToken,
    `mutation ($input: CreateSessionInput!) { createSession(input: $input) { session { id code channel { id } } } }`,
    { input: { title: 'Demo', capacity: GUESTS } },
  );
  const { id: sessionId, code, channel } = createSession.session;
  await ask(url, hostToken, `mutation ($id: ID!) { startSession(sessionId: $id) { session { status } } }`, { id: sessionId });
  say(`session ${code} is live`);

  const ledgers = { chat: new Ledger(), signals: new Ledger() };
  const guests: Guest[] = [];
  for (let n = 0; n < GUESTS; n += 1) guests.push(await join(url, code, sessionId, channel.id, n, ledgers));
  say(`${GUESTS} guests are in, each with three subscriptions on one socket`);
  try {
    const chat = await playChat(url, channel.id, guests, ledgers.chat);
    const votes = await playQuestions(url, hostToken, sessionId, guests);
    const signals = await playSignaling(url, sessionId, guests, ledgers.signals);
    await ask(url, hostToken, `mutation ($id: ID!) { endSession(sessionId: $id) { session { status } } }`, { id: sessionId });
    return [chat, votes, signals];
  } finally {
    for (const guest of guests) guest.stop.abort();
    await Promise.all(guests.map((guest) => guest.client.dispose()));
  }
}

async function join(
  url: string,
  code: string,
  sessionId: string,
  channelId: string,
  n: number,
  ledgers: { chat: Ledger; signals: Ledger },
): Promise<Guest> {
  const { joinSession } = await ask<{ joinSession: { token: string; attendee: { id: string } } }>(url, null, JOIN, {
    input: { code, displayName: `Guest ${n + 1}` },
  });
  const sockets: WebSocket[] = [];
  class KeptSocket extends WebSocket {
    constructor(address: string, protocols?: string | string[]) {
      super(address, protocols);
      sockets.push(this);
    }
  }
  const client = createParleyClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    token: () => joinSession.token,
    webSocketImpl: KeptSocket,
  });
  const guest: Guest = {
    token: joinSession.token,
    attendeeId: joinSession.attendee.id,
    client,
    chat: new Receipts(ledgers.chat),
    inbox: new Receipts(ledgers.signals),
    tallies: new Map(),
    stop: new AbortController(),
    sockets,
  };
  await listen(guest, sessionId, channelId);
  return guest;
}

/** Resolves once the chat and the inbox have opened. */
async function listen(guest: Guest, sessionId: string, channelId: string): Promise<void> {
  const { client, chat, inbox, stop } = guest;
  const opened = ['chat', 'inbox'].map(() => new Opening());
  const onError = (error: unknown): void => say(`a subscription failed: ${String(error)}`);
  void client.follow<Message>(
    { query: CHAT, variables: { channelId }, field: 'channelEvents' },
    { signal: stop.signal, onOpened: () => opened[0]?.done(), onEvent: ({ message }) => chat.take(message.body), onError },
  );
  void client.follow<SignalItem>(
    { query: INBOX, variables: { sessionId }, field: 'signals' },
    {
      signal: stop.signal,
      onOpened: () => opened[1]?.done(),
      onEvent: ({ signal }) => inbox.take(`${signal.from} to ${guest.attendeeId}`),
      onError,
    },
  );
  client.connection.subscribe<{ questionTallies: Tally }>(
    { query: TALLIES, variables: { sessionId } },
    {
      next: ({ data }) => data && guest.tallies.set(data.questionTallies.questionId, data.questionTallies.upvotes),
      error: () => undefined,
      complete: () => undefined,
    },
  );
  await Promise.all(opened.map((opening) => opening.promise));
}

class Opening {
  done: () => void = () => undefined;
  readonly promise = new Promise<void>((resolve) => (this.done = resolve));
}

async function playChat(url: string, channelId: string, guests: Guest[], ledger: Ledger): Promise<Row> {
  const sent: string[] = [];
  for (let round = 1; round <= CHAT_ROUNDS; round += 1) {
    for (const [n, guest] of guests.entries()) {
      const body = `round ${round}, guest ${n + 1}`;
      sent.push(body);
      ledger.sending(body);
      await ask(url, guest.token, SEND, { input: { channelId, body, clientId: body } });
      if (round === 3 && n === 10) {
        say('guest 50 is cut off in the middle of a sentence');
        guests[49]?.sockets.at(-1)?.terminate();
      }
    }
    say(`chat round ${round} of ${CHAT_ROUNDS}: ${sent.length} messages`);
  }
  await until(() => guests.every((guest) => guest.chat.count === sent.length));
  say('guest 50 came back and missed nothing');
  return summarize(
    'messages',
    sent.length,
    sent.length * guests.length,
    guests.map((guest) => guest.chat.check(sent)),
    ledger,
  );
}

async function playQuestions(url: string, hostToken: string, sessionId: string, guests: Guest[]): Promise<Row> {
  const ids: string[] = [];
  for (let n = 0; n < QUESTIONS; n += 1) {
    const { askQuestion } = await ask<{ askQuestion: { question: { id: string } } }>(
      url,
      guests[n]?.token ?? hostToken,
      `mutation ($input: AskQuestionInput!) { askQuestion(input: $input) { question { id } } }`,
      { input: { sessionId, body: `Question ${n + 1}?` } },
    );
    ids.push(askQuestion.question.id);
  }
  const vote = (questionId: string): Promise<unknown>[] =>
    guests.map((guest) => ask(url, guest.token, VOTE, { input: { questionId, value: 'UP' } }));
  for (const questionId of ids) await Promise.all(vote(questionId));
  say(`${QUESTIONS} questions, ${QUESTIONS * guests.length} votes`);
  const exact = (guest: Guest): number => ids.filter((id) => guest.tallies.get(id) === guests.length).length;
  await until(() => guests.every((guest) => exact(guest) === ids.length));
  const delivered = guests.reduce((sum, guest) => sum + exact(guest), 0);
  const expected = guests.length * ids.length;
  return {
    what: 'final tallies',
    sent: ids.length,
    expected,
    delivered,
    lost: expected - delivered,
    duplicated: 0,
    outOfOrder: 0,
    latency: '',
  };
}

async function playSignaling(url: string, sessionId: string, guests: Guest[], ledger: Ledger): Promise<Row> {
  const sentTo = new Map<Guest, string[]>();
  for (const [n, caller] of guests.entries()) {
    const callee = guests[(n + 1) % guests.length];
    if (callee === undefined) continue;
    const text = `${caller.attendeeId} to ${callee.attendeeId}`;
    sentTo.set(callee, [text]);
    ledger.sending(text);
    await ask(url, caller.token, SIGNAL, { input: { sessionId, to: callee.attendeeId, type: 'OFFER', payload: { sdp: SDP } } });
  }
  await until(() => guests.every((guest) => guest.inbox.count === 1));
  say(`${guests.length} offers, each to the next guest`);
  return summarize(
    'signals',
    guests.length,
    guests.length,
    guests.map((guest) => guest.inbox.check(sentTo.get(guest) ?? [])),
    ledger,
  );
}

function summarize(
  what: string,
  sent: number,
  expected: number,
  checks: { lost: number; duplicated: number; outOfOrder: number }[],
  ledger: Ledger,
): Row {
  const total = (pick: (check: (typeof checks)[number]) => number): number => checks.reduce((sum, check) => sum + pick(check), 0);
  const lost = total((check) => check.lost);
  return {
    what,
    sent,
    expected,
    delivered: expected - lost,
    lost,
    duplicated: total((check) => check.duplicated),
    outOfOrder: total((check) => check.outOfOrder),
    latency: `${ledger.percentile(0.5)} / ${ledger.percentile(0.99)}`,
  };
}

async function ask<T>(url: string, token: string | null, query: string, variables: object): Promise<T> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data?: T; errors?: { message: string }[] };
  if (data == null || errors !== undefined) throw new Error(errors?.map(({ message }) => message).join('; ') ?? `HTTP ${response.status}`);
  return data;
}

/** Waits for a fact; what has not come in time is then counted as lost, not waited for. */
async function until(fact: () => boolean): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!fact() && Date.now() < deadline) await delay(20);
}

function say(line: string): void {
  process.stdout.write(`  ${line}\n`);
}

function print(rows: Row[]): void {
  const head = ['', 'sent', 'to deliver', 'delivered', 'lost', 'duplicated', 'out of order', 'p50 / p99 ms'];
  const lines = [
    head,
    ...rows.map((row) =>
      [row.what, row.sent, row.expected, row.delivered, row.lost, row.duplicated, row.outOfOrder, row.latency].map(String),
    ),
  ];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  process.stdout.write('\n');
  for (const line of lines)
    process.stdout.write(
      `  ${line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ')}\n`,
    );
}

async function isServing(url: string): Promise<boolean> {
  return fetch(`${url}/readyz`).then(
    (response) => response.ok,
    () => false,
  );
}

async function startOwn(): Promise<{ url: string; process: ChildProcess }> {
  const port = await freePort();
  const server = spawn(process.execPath, [path.join(__dirname, 'start.mjs')], {
    env: {
      ...process.env,
      PORT: String(port),
      HOST: '127.0.0.1',
      PARLEY_DATA_DIR: 'memory://',
      PARLEY_RATE_LIMITS: 'off',
      PARLEY_LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const url = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + 120_000;
  while (!(await isServing(url))) {
    if (server.exitCode !== null || Date.now() > deadline) throw new Error('the server did not start');
    await delay(100);
  }
  return { url, process: server };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

async function main(): Promise<void> {
  const [flag, given] = process.argv.slice(2);
  if (flag === '--help') return void process.stdout.write(HELP);
  if (flag !== undefined && (flag !== '--url' || given === undefined)) {
    process.stderr.write(HELP);
    process.exitCode = 2;
    return;
  }
  const known = given ?? 'http://127.0.0.1:4000';
  const own = given === undefined && !(await isServing(known)) ? await startOwn() : null;
  const url = own?.url ?? known;
  say(own === null ? `playing on ${url}` : `no server on ${known}: started one in memory on ${url}`);
  try {
    const rows = await play(url);
    print(rows);
    if (rows.some((row) => row.lost + row.duplicated + row.outOfOrder > 0)) process.exitCode = 1;
  } finally {
    own?.process.kill('SIGTERM');
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
