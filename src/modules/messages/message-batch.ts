import type { DomainError } from '../../errors/domain-error';
import { digest } from '../../lib/digest';
import { idKind } from '../../lib/ids';
import { failed, succeeded } from '../../realtime/group-commit';
import type { Outcome } from '../../realtime/group-commit';
import type { Participant } from '../channels';
import { clientIdReused } from './message.errors';
import type { MessageRecord } from './message.repository';
import type { Turns } from './slow-mode';

export const messageIds = idKind('msg');

/** A message somebody may send, before it has a place in the channel. */
export interface Submission {
  readonly sender: Participant;
  readonly content: Content;
  /** Whom the content mentions; null: nobody. */
  readonly mentions: readonly Participant[] | null;
  readonly clientId: string | null;
  /** How long the sender waits from one message to the next. */
  readonly waitSeconds: number;
  /** Why it cannot be written now. A retry is answered all the same: it could be when it came first. */
  readonly refusal: DomainError | null;
}

/** What a message says: the same client id stands for the same content. */
export interface Content {
  readonly body: string;
  readonly replyToId: string | null;
  /** Each once; null: nobody. */
  readonly mentionIds: readonly string[] | null;
}

/** Where the channel stands, and when the batch is written. */
export interface BatchPlace {
  readonly channelId: string;
  readonly head: number;
  readonly at: Date;
  readonly turns: Turns;
}

/** What a batch comes to: the rows to insert, and for each submission the message that answers it. */
export interface BatchPlan {
  readonly inserts: MessageRecord[];
  readonly outcomes: Outcome<MessageRecord>[];
}

/**
 * Places submissions after the head, in their order. A client id that was used before, earlier or in this same batch, answers with the
 * message it made; with another text it is refused.
 */
export function planBatch(
  submissions: readonly Submission[],
  earlier: readonly MessageRecord[],
  { channelId, head, at, turns }: BatchPlace,
): BatchPlan {
  const known = new Map(earlier.map((message) => [keyOf(message.senderId, message.clientId), message]));
  const inserts: MessageRecord[] = [];
  const outcomes = submissions.map(({ sender, content, mentions, clientId, waitSeconds, refusal }) => {
    const clientDigest = clientId === null ? null : digestOf(content);
    const twin = clientId === null ? undefined : known.get(keyOf(sender.id, clientId));
    if (twin !== undefined) return twin.clientDigest === clientDigest ? succeeded(twin) : failed(clientIdReused());
    const reason = refusal ?? turns.take(sender.id, waitSeconds);
    if (reason !== null) return failed(reason);
    const message: MessageRecord = {
      id: messageIds.create(),
      channelId,
      offset: head + inserts.length + 1,
      senderId: sender.id,
      senderName: sender.displayName,
      body: content.body,
      mentions,
      replyToId: content.replyToId,
      clientId,
      clientDigest,
      createdAt: at,
      editedAt: null,
      deletedAt: null,
      pinnedAt: null,
    };
    inserts.push(message);
    if (clientId !== null) known.set(keyOf(sender.id, clientId), message);
    return succeeded(message);
  });
  return { inserts, outcomes };
}

function keyOf(senderId: string, clientId: string | null): string {
  return `${senderId} ${clientId ?? ''}`;
}

/** Of a plain message it is that of its text. What a message does not have does not matter, so that there may be more of it tomorrow. */
function digestOf({ body, ...rest }: Content): string {
  const said = Object.entries(rest).filter(([, value]) => value !== null);
  return digest(said.length === 0 ? body : JSON.stringify([body, Object.fromEntries(said)]));
}
