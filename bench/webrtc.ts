/**
 * WebRTC over Parley's signals, on PostgreSQL and Redis, in headless Chromium on this machine:
 *
 *   npm run bench:webrtc -- [--quick] [--rounds 10] [--receivers 8] [--peers 100]
 *
 * *Set-up*: two pages, from the first offer to `connected` on both sides, anew each round. *Presenter*: one page sends camera and
 * microphone to this many others, each a page of its own. *Relay*: this many simulated peers with a socket each negotiate with one presenter
 * at once (an offer and three lots of candidates one way, an answer and three lots the other); each signal is timed from sending the
 * mutation to the receiver's socket. All of them must arrive, or the program fails. Browsers and servers share this machine's cores.
 */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';
import { servePage } from '../tests/support/page-server';
import { WEBRTC_ARGUMENTS, WebrtcPage } from '../tests/support/webrtc-page';
import type WebSocket from 'ws';
import { candidate, SDP } from '../tests/modules/signaling/payloads';
import { Caller, signIn } from './caller';
import { ask, joinAsGuest, openConference, someAtOnce, startParleyServers } from './parley';
import { median, percentile } from './process-stats';

const CHROMIUM = '/usr/bin/chromium';
const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    rounds: { type: 'string' },
    receivers: { type: 'string', default: '8' },
    peers: { type: 'string', default: '100' },
  },
});
const ROUNDS = Number(flags.rounds ?? (flags.quick ? 3 : 10));
const RECEIVERS = Number(flags.receivers);
const PEERS = Number(flags.peers);
const LOTS_OF_CANDIDATES = 3;
const CANDIDATES = [candidate(), candidate(), candidate()];
/** A socket has at most fifty operations open. */
const PRESENTER_SOCKETS = 4;
/** Far longer than any signal takes. */
const SETTLING_MS = 2_000;

const SEND = 'mutation ($input: SendSignalInput!) { sendSignal(input: $input) { delivered } }';

interface Place {
  readonly token: string;
  readonly attendeeId: string;
}

interface Hall {
  readonly url: string;
  readonly sessionId: string;
  readonly code: string;
}

async function enter({ url, sessionId, code }: Hall, name: string): Promise<Place> {
  const token = await joinAsGuest(url, code, name);
  const query = 'query ($id: ID!) { session(id: $id) { viewerAttendee { id } } }';
  const { session } = await ask<{ session: { viewerAttendee: { id: string } } }>(url, token, query, { id: sessionId });
  return { token, attendeeId: session.viewerAttendee.id };
}

async function openPage(browser: Browser, pageUrl: string, hall: Hall, name: string): Promise<WebrtcPage> {
  return WebrtcPage.open(browser, pageUrl, { ...hall, ...(await enter(hall, name)) });
}

/** Milliseconds from the first offer until both sides are connected. */
async function setUp(browser: Browser, pageUrl: string, hall: Hall): Promise<number> {
  const pages = await Promise.all(['Ada', 'Bob'].map((name) => openPage(browser, pageUrl, hall, name)));
  const [ada, bob] = pages as [WebrtcPage, WebrtcPage];
  await ada.connect(bob);
  const received = await Promise.all([bob.waitForMedia(ada), ada.waitForMedia(bob)]);
  await Promise.all(pages.map((page) => page.close()));
  return Math.max(...received.map(({ setUpMs }) => setUpMs ?? Infinity));
}

async function present(browser: Browser, pageUrl: string, hall: Hall): Promise<readonly number[]> {
  const presenter = await openPage(browser, pageUrl, hall, 'Presenter');
  const receivers = await someAtOnce(RECEIVERS, (n) => openPage(browser, pageUrl, hall, `Receiver ${n}`), 4);
  await Promise.all(receivers.map((receiver) => receiver.connect(presenter, { media: false })));
  const received = await Promise.all(receivers.map((receiver) => receiver.waitForMedia(presenter)));
  await Promise.all([presenter, ...receivers].map((page) => page.close()));
  return received.map(({ setUpMs }) => setUpMs ?? Infinity);
}

interface SimulatedPeer extends Place {
  readonly callers: readonly Caller[];
  readonly inbox: Inbox;
}

/** One person's inbox. The sender's name for its device marks each signal. */
class Inbox {
  readonly arrivedAt = new Map<string, number>();

  private constructor(private readonly socket: WebSocket) {
    socket.on('message', (data: Buffer) => {
      const now = performance.now();
      const { payload } = JSON.parse(data.toString()) as { payload?: { data?: { signals?: { signal?: { fromPeer: string } } } } };
      const mark = payload?.data?.signals?.signal?.fromPeer;
      if (mark !== undefined) this.arrivedAt.set(mark, now);
    });
  }

  static async open(url: string, token: string, sessionId: string): Promise<Inbox> {
    const socket = await signIn(url, token);
    const opened = new Promise((resolve) => socket.once('message', resolve));
    const query = `subscription ($sessionId: ID!) { signals(sessionId: $sessionId) {
      ... on StreamOpened { recovered } ... on SignalReceived { signal { from fromPeer type payload } } } }`;
    socket.send(JSON.stringify({ id: 'inbox', type: 'subscribe', payload: { query, variables: { sessionId } } }));
    await opened;
    return new Inbox(socket);
  }

  close(): void {
    this.socket.terminate();
  }
}

/** Every signal's way, in milliseconds. */
async function relay({ url, sessionId, code }: Hall): Promise<number[]> {
  const open = async (n: number): Promise<SimulatedPeer> => {
    const place = await enter({ url, sessionId, code }, `Peer ${n}`);
    const callers = await Promise.all(Array.from({ length: n === 0 ? PRESENTER_SOCKETS : 1 }, () => Caller.open(url, place.token)));
    return { ...place, callers, inbox: await Inbox.open(url, place.token, sessionId) };
  };
  const [presenter, ...peers] = await someAtOnce(PEERS + 1, open, 20);
  if (presenter === undefined) throw new Error('nobody presents');
  const sent: { readonly mark: string; readonly to: SimulatedPeer; readonly sentAt: number }[] = [];
  const pass = async (from: SimulatedPeer, to: SimulatedPeer, type: string, payload: unknown): Promise<void> => {
    const mark = `${sent.length}-${from.attendeeId}`;
    const place = sent.push({ mark, to, sentAt: performance.now() }) - 1;
    const caller = from.callers[place % from.callers.length] as Caller;
    const { sentAt } = await caller.ask(SEND, { input: { sessionId, to: to.attendeeId, fromPeer: mark, type, payload } });
    sent[place] = { mark, to, sentAt };
  };
  const negotiate = async (peer: SimulatedPeer): Promise<void> => {
    for (const [from, to, type] of [
      [peer, presenter, 'OFFER'],
      [presenter, peer, 'ANSWER'],
    ] as const) {
      await pass(from, to, type, { sdp: SDP });
      for (let lot = 0; lot < LOTS_OF_CANDIDATES; lot += 1) await pass(from, to, 'ICE_CANDIDATE', CANDIDATES);
    }
  };
  await Promise.all(peers.map(negotiate));
  await new Promise((resolve) => setTimeout(resolve, SETTLING_MS));
  const latencies = sent.map(({ mark, to, sentAt }) => (to.inbox.arrivedAt.get(mark) ?? Infinity) - sentAt);
  const lost = latencies.filter((latency) => latency === Infinity).length;
  if (lost > 0) throw new Error(`${lost} of ${sent.length} signals did not arrive`);
  for (const { callers, inbox } of [presenter, ...peers]) {
    for (const caller of callers) caller.close();
    inbox.close();
  }
  return latencies;
}

const ms = (value: number): string => `${value.toFixed(1)} ms`;

async function main(): Promise<void> {
  const { servers, stop } = await startParleyServers(1);
  const url = servers[0]?.url ?? '';
  const { sessionId, code } = await openConference(url, 1_000);
  const hall: Hall = { url, sessionId, code };
  if (existsSync(CHROMIUM)) {
    const page = await servePage();
    const args = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', ...WEBRTC_ARGUMENTS];
    const browser = await chromium.launch({ executablePath: CHROMIUM, args });
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) times.push(await setUp(browser, page.url, hall));
    process.stdout.write(`set-up, ${ROUNDS} times: median ${ms(median(times))}, longest ${ms(Math.max(...times))}\n`);
    const all = await present(browser, page.url, hall);
    process.stdout.write(
      `presenter to ${RECEIVERS} pages: all receive, median set-up ${ms(median(all))}, longest ${ms(Math.max(...all))}\n`,
    );
    await browser.close();
    await page.close();
  } else process.stdout.write(`no ${CHROMIUM}: the relay alone\n`);
  const latencies = await relay(hall);
  const [p50, p99] = [percentile(latencies, 0.5), percentile(latencies, 0.99)];
  process.stdout.write(`relay, ${PEERS} peers at once: ${latencies.length} signals, none lost, p50 ${ms(p50)}, p99 ${ms(p99)}\n`);
  await stop();
}

void main();
