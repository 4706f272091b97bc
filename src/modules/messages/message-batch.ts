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
  readonly body: string;
  readonly clientId: string | null;
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
  const outcomes = submissions.map(({ sender, body, clientId }) => {
    const clientDigest = clientId === null ? null : digest(body);
    const twin = clientId === null ? undefined : known.get(keyOf(sender.id, clientId));
    if (twin !== undefined) return twin.clientDigest === clientDigest ? succeeded(twin) : failed(clientIdReused());
    const message: MessageRecord = {
      id: messageIds.create(),
      channelId,
      offset: head + inserts.length + 1,
      senderId: sender.id,
      senderName: sender.displayName,
      body,
      clientId,
      clientDigest,
      createdAt: at,
      editedAt: null,
      deletedAt: null,
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
