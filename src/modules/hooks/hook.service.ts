import { isUtf8 } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import type { HooksConfig } from '../../config/config';
import type { Kernel } from '../../realtime/kernel';
import { bodyNotJson, signatureInvalid } from './hook.errors';
import { hookReceived, hooksStream } from './hook.events';
import type { HookRepository } from './hook.repository';

/** What came in from outside, unread. */
export interface Delivery {
  readonly source: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** Senders try again under the same id for days, with a fresh time each: so ids are kept far beyond the five minutes of a signature. */
export const RECEIPTS_KEPT_MS = 7 * 24 * 60 * 60 * 1000;

/** The parts of what is signed are joined by dots: an id with one in it could be read in two ways. */
const MESSAGE_ID = /^[\w:-]{1,200}$/;
const HEADERS = ['webhook-id', 'webhook-timestamp', 'webhook-signature'] as const;

/** Webhooks that others send, signed as Standard Webhooks has it. */
export class HookService {
  private readonly verifiers: ReadonlyMap<string, readonly Webhook[]>;
  /** An unknown source costs what a known one does. */
  private readonly decoy = [new Webhook(randomBytes(32).toString('base64'))];

  constructor(
    private readonly kernel: Pick<Kernel, 'unitOfWork'>,
    private readonly hooks: HookRepository,
    sources: HooksConfig,
  ) {
    this.verifiers = new Map(Object.entries(sources).map(([name, secrets]) => [name, secrets.map((secret) => new Webhook(secret))]));
  }

  /** Once recorded it is there for consumers, exactly once for each id, whatever instances it came to. */
  async receive(delivery: Delivery): Promise<'accepted' | 'duplicate'> {
    const { messageId, body } = this.verified(delivery);
    const { source } = delivery;
    return this.kernel.unitOfWork.run(async (tx) => {
      if (!(await this.hooks.insert(tx, source, messageId))) return 'duplicate';
      this.hooks.sweep(tx, RECEIPTS_KEPT_MS);
      tx.record(hooksStream(source), hookReceived.record({ messageId, body }));
      return 'accepted';
    });
  }

  /** Nothing of the body is looked at before its signature has been. */
  private verified({ source, headers, body }: Delivery): { messageId: string; body: string } {
    const signed = Object.fromEntries(HEADERS.map((name) => [name, String(headers[name] ?? '')]));
    const messageId = signed['webhook-id'] ?? '';
    const verifiers = this.verifiers.get(source) ?? this.decoy;
    // The library reads bytes as UTF-8: those that are not would all be the same to it.
    if (!MESSAGE_ID.test(messageId) || !isUtf8(body) || !verifiers.some((verifier) => verifies(verifier, body, signed))) {
      throw signatureInvalid();
    }
    const text = body.toString();
    if (!isJson(text)) throw bodyNotJson();
    return { messageId, body: text };
  }
}

function verifies(verifier: Webhook, body: Buffer, headers: Record<string, string>): boolean {
  try {
    verifier.verify(body, headers, { jsonParse: false });
    return true;
  } catch {
    return false;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
