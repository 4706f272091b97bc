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

export interface Attempt {
  readonly sentAt: number;
  readonly ms: number;
  /** `acknowledged`, the code of the error, or `no answer` when the connection broke before there was one. */
  readonly outcome: string;
}

/** Sends one message after the other, each with one `clientId` until it is acknowledged, and writes down what was acknowledged. */
export class Writer {
  /** Message ids by client id. */
  readonly acknowledged = new Map<string, string>();
  readonly attempts: Attempt[] = [];
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
    const sentAt = performance.now();
    const ended = (outcome: string): void => void this.attempts.push({ sentAt, ms: performance.now() - sentAt, outcome });
    try {
      const input = { channelId: this.options.channelId, body: clientId, clientId };
      const { data, errors } = await this.api.ask(SendMessageDocument, { input });
      ended(errors[0]?.extensions.code ?? 'acknowledged');
      return data?.sendMessage.message.id ?? null;
    } catch {
      ended('no answer');
      return null;
    }
  }
}
