import { createHash } from 'node:crypto';
import { idKind } from '../../lib/ids';
import { failed, succeeded } from '../../realtime/group-commit';
import type { Outcome } from '../../realtime/group-commit';
import type { Participant } from '../channels';
import { clientIdReused } from './message.errors';
import type { ClientKey, MessageRecord, NewMessage } from './message.repository';

export const messageIds = idKind('msg');

/** A message somebody may send, before it has a place in the channel. */
export interface Submission {
  readonly sender: Participant;
  readonly body: string;
  readonly clientId: string | null;
}

/** What a batch comes to: the rows to insert, and for each submission the id of the message that answers it. */
export interface BatchPlan {
  readonly inserts: readonly NewMessage[];
  readonly outcomes: readonly Outcome<string>[];
}

/**
 * Places submissions after `head`, in their order. A client id that was used before, earlier or in this same batch, answers with the
 * message it made; with another text it is refused.
 */
export function planBatch(submissions: readonly Submission[], earlier: readonly MessageRecord[], head: number): BatchPlan {
  const known = new Map(
    earlier.map(({ id, senderId, clientId, clientDigest }) => [keyOf(senderId, clientId), { id, digest: clientDigest }]),
  );
  const inserts: NewMessage[] = [];
  const outcomes = submissions.map(({ sender, body, clientId }) => {
    const digest = clientId === null ? null : digestOf(body);
    const twin = clientId === null ? undefined : known.get(keyOf(sender.id, clientId));
    if (twin !== undefined) return twin.digest === digest ? succeeded(twin.id) : failed(clientIdReused());
    const id = messageIds.create();
    const offset = head + inserts.length + 1;
    inserts.push({ id, offset, senderId: sender.id, senderName: sender.displayName, body, clientId, clientDigest: digest });
    if (clientId !== null) known.set(keyOf(sender.id, clientId), { id, digest });
    return succeeded(id);
  });
  return { inserts, outcomes };
}

export function clientKeysOf(submissions: readonly Submission[]): ClientKey[] {
  return submissions.flatMap(({ sender, clientId }) => (clientId === null ? [] : [{ senderId: sender.id, clientId }]));
}

function keyOf(senderId: string, clientId: string | null): string {
  return `${senderId} ${clientId ?? ''}`;
}

function digestOf(body: string): string {
  return createHash('sha256').update(body).digest('hex');
}
