import { setTimeout as pause } from 'node:timers/promises';
import { ApiClient } from '../../support/api-client';
import type { Guest } from '../../support/factories/stage';
import { SendMessageDocument } from '../../support/generated/graphql';

const RETRY_MS = 20;
/** How long it insists after it was told to stop: a server that stays away then fails the test. */
const LAST_TRY_MS = 30_000;

export interface WriterOptions {
  readonly url: string;
  readonly channelId: string;
  /** The longest pause between two messages; their mean is half of it. */
  readonly paceMs: number;
}

/** Sends one message after the other, each with one `clientId` until it is acknowledged, and writes down what was acknowledged. */
export class Writer {
  /** In place of a code, when the connection broke before there was an answer. */
  static readonly NO_ANSWER = 'no answer';
  /** Message ids by client id. */
  readonly acknowledged = new Map<string, string>();
  /** How long every answer took, refusals included. */
  readonly durations: number[] = [];
  /** The codes of the failures, and how often each came. */
  readonly failures = new Map<string, number>();
  private stopped: number | null = null;
  private readonly running: Promise<void>;
  private readonly api: ApiClient;

  constructor(
    guest: Guest,
    private readonly options: WriterOptions,
  ) {
    this.api = new ApiClient(options.url, guest.api.token);
    this.running = this.run(guest.attendee.id);
    this.running.catch(() => undefined);
  }

  /** Resolves when its last message is acknowledged. */
  async stop(): Promise<void> {
    this.stopped ??= performance.now();
    await this.running;
  }

  private async run(name: string): Promise<void> {
    for (let n = 0; this.stopped === null; n += 1) {
      await this.insist(`${name}-${n}`);
      await pause(Math.random() * this.options.paceMs);
    }
  }

  private async insist(clientId: string): Promise<void> {
    for (;;) {
      const id = await this.send(clientId);
      if (id !== null) {
        this.acknowledged.set(clientId, id);
        return;
      }
      if (this.stopped !== null && performance.now() - this.stopped > LAST_TRY_MS) throw new Error(`${clientId} was never acknowledged.`);
      await pause(RETRY_MS);
    }
  }

  private async send(clientId: string): Promise<string | null> {
    const startedAt = performance.now();
    try {
      const input = { channelId: this.options.channelId, body: clientId, clientId };
      const { data, errors } = await this.api.ask(SendMessageDocument, { input });
      this.durations.push(performance.now() - startedAt);
      if (data !== null && errors.length === 0) return data.sendMessage.message.id;
      this.failed(errors[0]?.extensions.code ?? 'NONE');
    } catch {
      this.failed(Writer.NO_ANSWER);
    }
    return null;
  }

  private failed(code: string): void {
    this.failures.set(code, (this.failures.get(code) ?? 0) + 1);
  }
}
