import { messageIds, planBatch } from '../../../src/modules/messages/message-batch';
import type { BatchPlace, Submission } from '../../../src/modules/messages/message-batch';
import { messageNotFound } from '../../../src/modules/messages/message.errors';
import { Turns } from '../../../src/modules/messages/slow-mode';
import type { MessageRecord } from '../../../src/modules/messages/message.repository';

const ada = { id: 'usr_ada', displayName: 'Ada' };
const bob = { id: 'usr_bob', displayName: 'Bob' };
const from = (sender: Submission['sender'], body: string, clientId: string | null = null, replyToId: string | null = null): Submission => ({
  sender,
  content: { body, replyToId, mentionIds: null },
  mentions: null,
  clientId,
  waitSeconds: 0,
  refusal: null,
});

const after = (head: number): BatchPlace => ({ channelId: 'chn', head, at: new Date(0), turns: new Turns(new Map(), new Date(0)) });

/** The row that an insert of an earlier batch became. */
function stored(submission: Submission): MessageRecord {
  const [insert] = planBatch([submission], [], after(0)).inserts;
  if (insert === undefined) throw new Error('nothing to insert');
  return insert;
}

describe('a batch of messages', () => {
  it('gives places after the head, in order, to those that are new', () => {
    const { inserts, outcomes } = planBatch([from(ada, 'a'), from(bob, 'b'), from(ada, 'c')], [], after(7));
    expect(inserts.map(({ offset, body, senderName }) => [offset, body, senderName])).toEqual([
      [8, 'a', 'Ada'],
      [9, 'b', 'Bob'],
      [10, 'c', 'Ada'],
    ]);
    expect(outcomes.map((outcome) => outcome.ok && outcome.value)).toEqual(inserts);
    expect(inserts.every(({ id }) => messageIds.is(id))).toBe(true);
  });

  it('answers a repeated client id with the message it made, in this batch or before', () => {
    const before = stored(from(ada, 'before', '1'));
    const { inserts, outcomes } = planBatch([from(ada, 'before', '1'), from(ada, 'now', '2'), from(ada, 'now', '2')], [before], after(1));
    expect(inserts).toHaveLength(1);
    expect(outcomes).toEqual([before, inserts[0], inserts[0]].map((value) => ({ ok: true, value })));
  });

  it('refuses a client id with another text, alone', () => {
    const { inserts, outcomes } = planBatch([from(ada, 'x', '1'), from(ada, 'y', '1'), from(ada, 'z')], [], after(0));
    expect(inserts.map(({ body, offset }) => [body, offset])).toEqual([
      ['x', 1],
      ['z', 2],
    ]);
    expect(outcomes[1]).toMatchObject({ ok: false, error: { code: 'IDEMPOTENCY_CONFLICT' } });
  });

  it('refuses a client id with the same text as an answer to another message', () => {
    const { inserts, outcomes } = planBatch(
      [from(ada, 'x', '1', 'msg_a'), from(ada, 'x', '1'), from(ada, 'x', '1', 'msg_a')],
      [],
      after(0),
    );
    expect(inserts).toMatchObject([{ body: 'x', replyToId: 'msg_a' }]);
    expect(outcomes).toMatchObject([{ ok: true }, { ok: false, error: { code: 'IDEMPOTENCY_CONFLICT' } }, { ok: true }]);
  });

  it('answers a retry even when the same could not be written any more', () => {
    const refusal = messageNotFound();
    const before = stored(from(ada, 'x', '1'));
    const late = [from(ada, 'x', '1'), from(ada, 'y', '2'), from(ada, 'z')].map((submission) => ({ ...submission, refusal }));
    const { inserts, outcomes } = planBatch(late, [before], after(1));
    expect(inserts).toEqual([]);
    expect(outcomes).toEqual([
      { ok: true, value: before },
      { ok: false, error: refusal },
      { ok: false, error: refusal },
    ]);
  });

  it('keeps client ids of different senders apart', () => {
    expect(planBatch([from(ada, 'x', '1'), from(bob, 'y', '1')], [], after(0)).inserts).toHaveLength(2);
  });
});
