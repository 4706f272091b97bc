import type { GuestViewer } from '../../../src/lib/viewer';
import { pinChanged } from '../../../src/modules/messages/message.events';
import type { MessageRecord } from '../../../src/modules/messages/message.repository';
import { MAX_PINS } from '../../../src/modules/messages/pin.service';
import { testBackends } from '../../support/databases';
import { by } from '../by';
import { refused } from '../refused';
import type { Show, Stage, TwoStages } from '../stage';
import { openTwoStages } from '../stage';

describe.each(testBackends())('pins on %s', (kind) => {
  let opened: TwoStages;
  let stage: Stage;
  let there: Stage;
  let show: Show;
  let guest: GuestViewer;

  beforeAll(async () => {
    opened = await openTwoStages(kind);
    ({ stage, there } = opened);
  });
  beforeEach(async () => {
    show = await stage.live();
    guest = await stage.guest(show.session);
  });
  afterAll(() => opened.close());

  const send = (body: string): Promise<MessageRecord> => stage.messages.send(guest, { channelId: show.channel.id, body });
  const pinned = async (): Promise<string[]> => (await stage.pins.list(guest, show.channel, null, 100)).map(({ id }) => id);
  const told = async () => {
    const events = await stage.kernel.log.read(`channel:${show.channel.id}`, 0, 1_000);
    return events.filter((event) => pinChanged.is(event)).map((event) => pinChanged.read(event));
  };

  it('keep messages in sight, the last pinned first, and tell so once', async () => {
    const [one, two] = [await send('one'), await send('two')];
    const first = await stage.pins.pin(show.host, two.id);
    await stage.pins.pin(show.host, one.id);
    expect(await stage.pins.pin(show.host, two.id)).toMatchObject({ pinnedAt: first.pinnedAt });
    expect(await pinned()).toEqual([one.id, two.id]);
    const [newest] = await stage.pins.list(guest, show.channel, null, 1);
    const rest = await stage.pins.list(guest, show.channel, { createdAt: newest?.pinnedAt ?? new Date(), id: newest?.id ?? '' }, 10);
    expect(rest.map(({ id }) => id)).toEqual([two.id]);
    await stage.pins.unpin(show.host, two.id);
    expect(await stage.pins.unpin(show.host, two.id)).toMatchObject({ pinnedAt: null });
    expect(await pinned()).toEqual([one.id]);
    expect(await told()).toEqual([
      { messageId: two.id, pinnedAt: first.pinnedAt },
      { messageId: one.id, pinnedAt: newest?.pinnedAt },
      { messageId: two.id, pinnedAt: null },
    ]);
  });

  it('are for who moderates the channel, also when the session is over', async () => {
    const { id } = await send('x');
    await expect(stage.pins.pin(guest, id)).rejects.toMatchObject(refused('FORBIDDEN', 'NOT_CHANNEL_MODERATOR'));
    await expect(stage.pins.unpin(guest, id)).rejects.toMatchObject(refused('FORBIDDEN', 'NOT_CHANNEL_MODERATOR'));
    await expect(stage.pins.pin(await stage.user(), id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(stage.pins.list(await stage.user(), { id: show.channel.id }, null, 10)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await stage.sessions.command(by(show.host), show.session.id, 'end');
    await stage.pins.pin(show.host, id);
    expect(await pinned()).toEqual([id]);
  });

  it('go with a message that is deleted, which cannot be pinned', async () => {
    const { id } = await send('x');
    await stage.pins.pin(show.host, id);
    expect(await stage.messages.delete(guest, id)).toMatchObject({ pinnedAt: null });
    expect(await pinned()).toEqual([]);
    await expect(stage.pins.pin(show.host, id)).rejects.toMatchObject(refused('FAILED_PRECONDITION', 'MESSAGE_DELETED'));
    expect(await stage.pins.unpin(show.host, id)).toMatchObject({ pinnedAt: null, body: '' });
  });

  it(`are at most ${MAX_PINS}, whoever pins at the same time`, async () => {
    const messages = await Promise.all(Array.from({ length: MAX_PINS + 4 }, (_, n) => send(String(n))));
    const early = messages.slice(0, MAX_PINS - 2).map(({ id }) => id);
    await opened.database.as('system').sql('UPDATE messages SET pinned_at = now() WHERE id = ANY($1)', [early]);
    const answers = await Promise.allSettled(
      messages.slice(MAX_PINS - 2).map(({ id }, n) => (n % 2 ? stage : there).pins.pin(show.host, id)),
    );
    const late = answers.filter(({ status }) => status === 'rejected');
    expect(answers.length - late.length).toBe(2);
    for (const answer of late) expect(answer).toMatchObject({ reason: refused('FAILED_PRECONDITION', 'TOO_MANY_PINS') });
    expect(await pinned()).toHaveLength(MAX_PINS);
    expect(await told()).toHaveLength(2);
  });
});
