import type { GuestViewer } from '../../../src/lib/viewer';
import { ReceiptState } from '../../../src/modules/messages/receipt.repository';
import type { Marker } from '../../../src/modules/messages/receipt.repository';
import type { Position } from '../../../src/realtime/event';
import { testBackends } from '../../support/databases';
import { waitFor } from '../../support/wait-for';
import { by } from '../by';
import { Collected } from '../collected';
import { open } from '../open';
import { refused } from '../refused';
import type { Show, Stage, TwoStages } from '../stage';
import { openTwoStages } from '../stage';

const FIRST = { after: null, limit: 100 };

describe.each(testBackends())('receipts on %s', (kind) => {
  let opened: TwoStages;
  let stage: Stage;
  let there: Stage;
  let show: Show;
  let guest: GuestViewer;
  let other: GuestViewer;

  beforeAll(async () => {
    opened = await openTwoStages(kind);
    ({ stage, there } = opened);
  });
  beforeEach(async () => {
    show = await stage.live();
    [guest, other] = [await stage.guest(show.session, 'Ann'), await stage.guest(show.session, 'Bob')];
  });
  afterAll(() => opened.close());

  const send = (body: string) => stage.messages.send(show.host, { channelId: show.channel.id, body });
  const at = async (offset: number): Promise<Position> => ({
    epoch: (await stage.kernel.log.open(`channel:${show.channel.id}`)).epoch,
    offset,
  });
  const acknowledge = async (viewer: GuestViewer, offset: number, state?: ReceiptState, on = stage) =>
    on.receipts.acknowledge(viewer, { channelId: show.channel.id, cursor: await at(offset), state });
  const placesOf = (markers: readonly Marker[]) => markers.map(({ displayName, delivered, read }) => [displayName, delivered, read]);

  it('tell who wrote a message to whom it has come and who has read it, and nobody else', async () => {
    const [first, second] = [await send('one'), await send('two')];
    await acknowledge(guest, second.offset);
    await acknowledge(other, first.offset, ReceiptState.DELIVERED);
    const told = async (message: typeof first) => placesOf((await stage.receipts.listOf(show.host, message, FIRST)) ?? []).sort();
    expect(await told(first)).toEqual([
      ['Ann', 2, 2],
      ['Bob', 1, 0],
    ]);
    expect(await told(second)).toEqual([['Ann', 2, 2]]);
    expect(await stage.receipts.count(show.host, first)).toEqual({ delivered: 2, read: 1 });
    expect(await stage.receipts.listOf(guest, first, FIRST)).toBeNull();
    expect(await stage.receipts.listOf(await stage.user(), first, FIRST)).toBeNull();
  });

  it('say delivered without saying read, and never move back, on whichever instance', async () => {
    for (const body of ['one', 'two', 'three']) await send(body);
    expect(await acknowledge(guest, 3, ReceiptState.DELIVERED)).toEqual({ cursor: await at(3), unreadCount: 3 });
    expect(await acknowledge(guest, 2, ReceiptState.READ, there)).toEqual({ cursor: await at(2), unreadCount: 1 });
    await Promise.all(
      [1, 2, 1].flatMap((offset) => [acknowledge(guest, offset), acknowledge(guest, offset, ReceiptState.DELIVERED, there)]),
    );
    const found = await stage.receipts.list(show.host, show.channel.id, FIRST);
    expect(placesOf(found?.markers ?? [])).toEqual([['Ann', 3, 2]]);
  });

  it('tell followers on another instance the newest places, in few frames, and end on the exact ones', async () => {
    const MESSAGES = 60;
    for (let n = 0; n < MESSAGES; n += 1) await send(String(n));
    const followed = new Collected(await there.receipts.follow(show.host, show.channel.id, open()));
    const last = new Map<string, Marker>();
    const begun = performance.now();
    for (let offset = 1; offset <= MESSAGES; offset += 1) await Promise.all([acknowledge(guest, offset), acknowledge(other, offset)]);
    await waitFor(
      () => {
        for (const { markers } of followed.items) for (const marker of markers) last.set(marker.displayName, marker);
        return [...last.values()].filter(({ read }) => read === MESSAGES).length === 2;
      },
      { what: 'the last places' },
    );
    expect(followed.items.length).toBeLessThanOrEqual((performance.now() - begun) / 100 + 2);
    await followed.cut();
    expect(stage.kernel.fanOut.stats().subscribers).toBe(0);
  });

  it('are one row for each reader, however much is written', async () => {
    for (let n = 0; n < 20; n += 1) await send(String(n));
    await Promise.all(Array.from({ length: 20 }, (_, n) => acknowledge(n % 2 ? guest : other, n + 1, undefined, n % 3 ? stage : there)));
    const rows = await opened.database.sql('SELECT participant_id FROM read_markers WHERE channel_id = $1', [show.channel.id]);
    expect(rows).toHaveLength(2);
  });

  it('of a broadcast are for its owner alone, until the channel is handed over', async () => {
    const [owner, member] = [await stage.user('Owner'), await stage.user('Member')];
    const channel = await stage.channels.create(by(owner), { name: 'a:b:c', type: 'BROADCAST', memberIds: [member.userId] });
    await expect(stage.receipts.follow(member, channel.id, open())).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await stage.receipts.list(member, channel.id, FIRST)).toBeNull();
    const followed = new Collected(await there.receipts.follow(owner, channel.id, open()));
    await stage.channelMemberships.handOver(by(owner), channel.id, member.userId);
    await followed.done;
    expect(await stage.receipts.list(member, channel.id, FIRST)).toMatchObject({ markers: [] });
  });
});

describe.each(testBackends())('mentions on %s', (kind) => {
  let opened: TwoStages;
  let stage: Stage;
  let show: Show;
  let guest: GuestViewer;

  beforeAll(async () => {
    opened = await openTwoStages(kind);
    ({ stage } = opened);
  });
  beforeEach(async () => {
    show = await stage.live();
    guest = await stage.guest(show.session, 'Ann');
  });
  afterAll(() => opened.close());

  const send = (mentionIds: string[], clientId?: string) =>
    stage.messages.send(show.host, { channelId: show.channel.id, body: 'Hello @Ann', mentionIds, clientId });
  const mentioning = async (id: string, direction: 'forward' | 'backward' = 'forward') => {
    const found = await stage.messages.listHistory(guest, show.channel, { direction, beyond: null, limit: 10, mentioning: id });
    return found.map(({ offset }) => offset);
  };

  it('name people who read the channel, each once; and find the messages again, both ways', async () => {
    const first = await send([guest.attendeeId, guest.attendeeId]);
    await send([]);
    await send([guest.attendeeId, show.host.userId]);
    expect(first.mentions).toEqual([{ id: guest.attendeeId, displayName: 'Ann' }]);
    expect([await mentioning(guest.attendeeId), await mentioning(guest.attendeeId, 'backward')]).toEqual([
      [1, 3],
      [3, 1],
    ]);
    expect(await mentioning(show.host.userId)).toEqual([3]);
    expect(await stage.receipts.countUnreadMentions(guest, show.channel)).toBe(2);
  });

  it('of strangers, and of whoever has left, are refused, in a channel with members too', async () => {
    const [stranger, gone, owner] = [await stage.user(), await stage.guest(show.session), await stage.user()];
    await stage.attendees.leave(gone, show.session.id);
    const channel = await stage.channels.create(by(owner), { name: 'a:b:c', type: 'PRIVATE' });
    for (const id of [stranger.userId, gone.attendeeId, 'nonsense'])
      await expect(send([guest.attendeeId, id])).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    const toStranger = stage.messages.send(owner, { channelId: channel.id, body: 'x', mentionIds: [stranger.userId] });
    await expect(toStranger).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    await expect(stage.messages.send(owner, { channelId: channel.id, body: 'x', mentionIds: [owner.userId] })).resolves.toMatchObject({
      mentions: [{ id: owner.userId }],
    });
  });

  it('belong to what a client id stands for', async () => {
    const { id } = await send([guest.attendeeId], 'a');
    expect((await send([guest.attendeeId], 'a')).id).toBe(id);
    await expect(send([], 'a')).rejects.toMatchObject(refused('IDEMPOTENCY_CONFLICT', 'CLIENT_ID_REUSED'));
  });

  it('change with an edit that gives others, stay with one that gives none, and go with the message', async () => {
    const message = await send([guest.attendeeId]);
    const edit = (body: string, ids?: string[]) => stage.messages.edit(show.host, message.id, body, ids);
    expect((await edit('other text')).mentions).toEqual(message.mentions);
    expect((await edit('other text', [show.host.userId])).mentions).toMatchObject([{ id: show.host.userId }]);
    expect([await mentioning(guest.attendeeId), await mentioning(show.host.userId)]).toEqual([[], [message.offset]]);
    await expect(edit('x', ['nonsense'])).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    await edit('nobody', []);
    expect(await mentioning(show.host.userId)).toEqual([]);
    await edit('again', [guest.attendeeId]);
    await stage.messages.delete(show.host, message.id);
    expect(await mentioning(guest.attendeeId)).toEqual([]);
    expect(JSON.stringify(await stage.kernel.log.read(`channel:${show.channel.id}`, 0, 100))).not.toContain('"Ann"');
  });
});
