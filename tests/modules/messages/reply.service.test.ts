import { messageAdded } from '../../../src/modules/messages';
import { messageIds } from '../../../src/modules/messages/message-batch';
import type { GuestViewer } from '../../../src/lib/viewer';
import { openTestDatabase, testBackends } from '../../support/databases';
import type { TestDatabase } from '../../support/databases';
import { by } from '../by';
import { refused } from '../refused';
import type { Show, Stage } from '../stage';
import { setStage } from '../stage';

describe.each(testBackends())('replies on %s', (kind) => {
  let opened: TestDatabase;
  let stage: Stage;
  let show: Show;
  let guest: GuestViewer;

  beforeAll(async () => {
    opened = await openTestDatabase(kind);
    stage = setStage(opened.database);
  });
  beforeEach(async () => {
    show = await stage.live();
    guest = await stage.guest(show.session);
  });
  afterAll(async () => {
    await stage.kernel.close();
    await opened.drop();
  });

  const send = (body: string, replyToId?: string, clientId?: string) =>
    stage.messages.send(guest, { channelId: show.channel.id, body, replyToId, clientId });
  const count = async (...ids: string[]) => new Map((await stage.replies.count(guest, ids)).map((row) => [row.messageId, row.replies]));

  it('name what they answer, in the answer and on the stream', async () => {
    const { id } = await send('Who is there?');
    const reply = await send('Me.', id);
    expect(reply.replyToId).toBe(id);
    const [, event] = await stage.kernel.log.read(`channel:${show.channel.id}`, 0, 10);
    expect(event && messageAdded.read(event).message).toMatchObject({ id: reply.id, replyToId: id });
  });

  it('are refused when there is nothing to answer in this channel, alone in their batch', async () => {
    const elsewhere = await stage.live();
    const foreign = await stage.messages.send(elsewhere.host, { channelId: elsewhere.channel.id, body: 'x' });
    const own = await send('own');
    const parents = [own.id, foreign.id, messageIds.create(), 'nonsense', ''];
    const answers = await Promise.allSettled(parents.map((parent) => send('y', parent)));
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected', 'rejected']);
    for (const answer of answers.slice(1)) expect(answer).toMatchObject({ reason: { code: 'NOT_FOUND', message: 'Message not found.' } });
    expect(await count(own.id, foreign.id)).toEqual(
      new Map([
        [own.id, 1],
        [foreign.id, 0],
      ]),
    );
  });

  it('make another message of the same text and client id', async () => {
    const { id } = await send('first');
    const reply = await send('yes', id, 'a');
    expect((await send('yes', id, 'a')).id).toBe(reply.id);
    await expect(send('yes', undefined, 'a')).rejects.toMatchObject(refused('IDEMPOTENCY_CONFLICT', 'CLIENT_ID_REUSED'));
  });

  it('are paged in order, and keep their place when they are deleted, uncounted', async () => {
    const [parent, other] = [await send('parent'), await send('other')];
    const replies = [];
    for (let n = 0; n < 5; n += 1) replies.push(await send(String(n), parent.id));
    await send('elsewhere', other.id);
    await stage.messages.delete(guest, replies[1]?.id ?? '');
    const first = await stage.replies.list(guest, parent, 0, 3);
    const rest = await stage.replies.list(guest, parent, first.at(-1)?.offset ?? 0, 3);
    expect([...first, ...rest].map(({ id }) => id)).toEqual(replies.map(({ id }) => id));
    expect(first[1]).toMatchObject({ body: '', deletedAt: expect.any(Date) as Date });
    expect(await count(parent.id, other.id)).toEqual(
      new Map([
        [parent.id, 4],
        [other.id, 1],
      ]),
    );
  });

  it('stay when what they answer is deleted, which is then shown without its text', async () => {
    const parent = await send('secret');
    await send('What?', parent.id);
    await stage.messages.delete(guest, parent.id);
    expect(await stage.replies.listByIds(guest, [parent.id])).toMatchObject([{ id: parent.id, body: '' }]);
    expect(await stage.replies.list(guest, parent, 0, 10)).toMatchObject([{ body: 'What?', replyToId: parent.id }]);
  });

  it('are for those who read the channel', async () => {
    const parent = await send('parent');
    await send('reply', parent.id);
    const stranger = await stage.user();
    await expect(stage.replies.list(stranger, parent, 0, 10)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await stage.replies.listByIds(stranger, [parent.id])).toEqual([]);
    expect(await stage.replies.count(stranger, [parent.id])).toEqual([{ messageId: parent.id, replies: 0 }]);
    await stage.moderation.remove(by(show.host), guest.attendeeId);
    await expect(stage.replies.list(guest, parent, 0, 10)).rejects.toMatchObject(refused('FORBIDDEN', 'ATTENDEE_REMOVED'));
  });
});
