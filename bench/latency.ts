/**
 * From publishing to receiving, with many who listen: one channel with 200 subscribers, and 200 channels with 10 each.
 *
 *   npm run bench:latency -- [--seconds 10]
 *
 * Each subscriber is a guest with a socket of its own. A message carries the time it was sent, so a latency holds the mutation, its commit
 * and the delivery. Publisher, subscribers and server share this machine. Every subscriber has every message in the end, in the order in
 * which they were answered, or the program fails.
 */
import { parseArgs } from 'node:util';
import type WebSocket from 'ws';
import { signIn } from './caller';
import { ask, joinAsGuest, openConference, startParleyServers } from './parley';
import { percentile } from './process-stats';

const { values: flags } = parseArgs({ options: { seconds: { type: 'string', default: '10' } } });
const SECONDS = Number(flags.seconds);
const OPENING_AT_ONCE = 20;
const PATIENCE_MS = 30_000;
const SEND = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } } }';
const FOLLOW = `subscription ($channelId: ID!) { channelEvents(channelId: $channelId) {
  ... on StreamOpened { recovered } ... on MessageAdded { cursor message { body } } } }`;

interface Mode {
  readonly channels: number;
  readonly subscribers: number;
  /** Over all channels. */
  readonly messagesPerSecond: number;
}

const MODES: readonly Mode[] = [
  { channels: 1, subscribers: 200, messagesPerSecond: 10 },
  { channels: 200, subscribers: 10, messagesPerSecond: 100 },
];

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

class Subscriber {
  readonly received: string[] = [];
  readonly latencies: number[] = [];

  private constructor(private readonly socket: WebSocket) {}

  static async open(url: string, token: string, channelId: string): Promise<Subscriber> {
    const socket = await signIn(url, token);
    socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: FOLLOW, variables: { channelId } } }));
    await new Promise((resolve, reject) => socket.once('message', resolve).once('error', reject));
    const subscriber = new Subscriber(socket);
    socket.on('message', (data: Buffer) => subscriber.hear(data.toString()));
    return subscriber;
  }

  close(): void {
    this.socket.terminate();
  }

  private hear(text: string): void {
    const [, body, sentAt] = /"body":"(\d+ ([\d.]+))"/.exec(text) ?? [];
    if (body === undefined) return;
    this.received.push(body);
    this.latencies.push(performance.now() - Number(sentAt));
  }
}

/** A channel, those who listen, and what was said in it. */
class Topic {
  private readonly said: string[] = [];

  private constructor(
    private readonly url: string,
    private readonly hostToken: string,
    private readonly channelId: string,
    readonly subscribers: readonly Subscriber[],
  ) {}

  static async open(url: string, size: number): Promise<Topic> {
    const { hostToken, code, channelId } = await openConference(url, size);
    const subscribers: Subscriber[] = [];
    while (subscribers.length < size) {
      const some = Array.from({ length: Math.min(OPENING_AT_ONCE, size - subscribers.length) }, async () =>
        Subscriber.open(url, await joinAsGuest(url, code, 'Guest'), channelId),
      );
      subscribers.push(...(await Promise.all(some)));
    }
    return new Topic(url, hostToken, channelId, subscribers);
  }

  async say(): Promise<void> {
    const body = `${this.said.length} ${performance.now()}`;
    this.said.push(body);
    await ask(this.url, this.hostToken, SEND, { input: { channelId: this.channelId, body } });
  }

  get heardByAll(): boolean {
    return this.subscribers.every(({ received }) => received.length >= this.said.length);
  }

  /** Messages that are under way together may overtake each other, for everybody alike. */
  verify(): void {
    const [first] = this.subscribers;
    const heard = first?.received.join();
    const all = [...this.said].sort().join() === [...(first?.received ?? [])].sort().join();
    if (!all || this.subscribers.some(({ received }) => received.join() !== heard)) throw new Error('somebody misses something');
  }

  close(): void {
    for (const subscriber of this.subscribers) subscriber.close();
  }
}

async function measure(url: string, { channels, subscribers, messagesPerSecond }: Mode): Promise<number[]> {
  const topics: Topic[] = [];
  try {
    while (topics.length < channels) topics.push(await Topic.open(url, subscribers));
    const saying: Promise<void>[] = [];
    const started = performance.now();
    for (let n = 0; n < SECONDS * messagesPerSecond; n += 1) {
      await pause(started + (n * 1_000) / messagesPerSecond - performance.now());
      saying.push(...topics.slice(n % channels, (n % channels) + 1).map((topic) => topic.say()));
    }
    await Promise.all(saying);
    for (const deadline = performance.now() + PATIENCE_MS; !topics.every((topic) => topic.heardByAll); await pause(20)) {
      if (performance.now() > deadline) throw new Error('not everything arrived');
    }
    for (const topic of topics) topic.verify();
    return topics.flatMap((topic) => topic.subscribers.flatMap(({ latencies }) => latencies));
  } finally {
    for (const topic of topics) topic.close();
  }
}

async function main(): Promise<void> {
  const { servers, stop } = await startParleyServers(1);
  const [server] = servers;
  if (server === undefined) throw new Error('no server');
  try {
    process.stdout.write('| channels | subscribers of each | messages/s | deliveries | p50 ms | p99 ms |\n|---|---|---|---|---|---|\n');
    for (const mode of MODES) {
      const latencies = await measure(server.url, mode);
      const figures = [latencies.length, percentile(latencies, 0.5).toFixed(0), percentile(latencies, 0.99).toFixed(0)];
      process.stdout.write(`| ${[mode.channels, mode.subscribers, mode.messagesPerSecond, ...figures].join(' | ')} |\n`);
    }
  } finally {
    await stop();
  }
}

void main();
