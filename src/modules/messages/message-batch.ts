import type { DomainError } from '../../errors/domain-error';
import { digest } from '../../lib/digest';
import { idKind } from '../../lib/ids';
import { failed, succeeded } from '../../realtime/group-commit';
import type { Outcome } from '../../realtime/group-commit';
import type { Participant } from '../channels';
import { clientIdReused } from './message.errors';
import type { MessageRecord } from './message.repository';

export const messageIds = idKind('msg');

/** A message somebody may send, before it has a place in the channel. */
export interface Submission {
  readonly sender: Participant;
  readonly content: Content;
  readonly clientId: string | null;
  /** Why it cannot be written now. A retry is answered all the same: it could be when it came first. */
  readonly refusal: DomainError | null;
}

/** What a message says: the same client id stands for the same content. */
export interface Content {
  readonly body: string;
  readonly replyToId: string | null;
}

/** Where the channel stands, and when the batch is written. */
export interface BatchPlace {
  readonly channelId: string;
  readonly head: number;
  readonly at: Date;
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
  { channelId, head, at }: BatchPlace,
): BatchPlan {
  const known = new Map(earlier.map((message) => [keyOf(message.senderId, message.clientId), message]));
  const inserts: MessageRecord[] = [];
  const outcomes = submissions.map(({ sender, content, clientId, refusal }) => {
    const clientDigest = clientId === null ? null : digestOf(content);
    const twin = clientId === null ? undefined : known.get(keyOf(sender.id, clientId));
    if (twin !== undefined) return twin.clientDigest === clientDigest ? succeeded(twin) : failed(clientIdReused());
    if (refusal !== null) return failed(refusal);
    const message: MessageRecord = {
      id: messageIds.create(),
      channelId,
      offset: head + inserts.length + 1,
      senderId: sender.id,
      senderName: sender.displayName,
      ...content,
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

/** Of a plain message it is that of its text. */
function digestOf({ body, ...rest }: Content): string {
  const isPlain = Object.values(rest).every((value) => value === null);
  return digest(isPlain ? body : JSON.stringify([body, rest]));
}
