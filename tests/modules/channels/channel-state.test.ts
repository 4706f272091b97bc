import type { UserViewer } from '../../../src/lib/viewer';
import type { ChannelRecord } from '../../../src/modules/channels';
import { asOwner, testBackends } from '../../support/databases';
import { StreamReader } from '../../support/stream-reader';
import { waitFor } from '../../support/wait-for';
import { by } from '../by';
import { open } from '../open';
import { refused } from '../refused';
import type { Stage, TwoStages } from '../stage';
import { ARCHIVE_AFTER_MS, openTwoStages } from '../stage';

/** Of the FREE plan. */
const MOST = 3;
const ALL = { archived: null, olderThan: null, limit: 10 };
const PAGE = { after: null, limit: 10, onlineOnly: false };

describe.each(testBackends())('a channel on %s', (kind) => {
  let opened: TwoStages;
  let stage: Stage;
  let there: Stage;
  let owner: UserViewer;
  let member: UserViewer;
  let names = 0;

  beforeAll(async () => {
    opened = await openTwoStages(kind);
    ({ stage, there } = opened);
  });
  beforeEach(async () => {
    [owner, member] = [await stage.user('Owner'), await stage.user('Member')];
  });
  afterAll(() => opened.close());

  const make = (type: ChannelRecord['type'] = 'SHARED', on = stage): Promise<ChannelRecord> =>
    on.channels.create(by(owner), { name: `support:customer:${(names += 1)}`, type, memberIds: [member.userId] });
  const send = ({ id }: ChannelRecord, viewer = member, on = stage) => on.messages.send(viewer, { channelId: id, body: 'Hello.' });
  const succeeded = (settled: readonly PromiseSettledResult<unknown>[]) => settled.filter(({ status }) => status === 'fulfilled').length;
  const told = async ({ id }: ChannelRecord): Promise<string[]> =>
    (await stage.kernel.log.read(`channel:${id}`, 0, 100)).map(({ type }) => type);
  const inUse = async (): Promise<number> => (await stage.directory.list(owner, { ...ALL, archived: false })).length;

  it('that is archived is read, but not written in, until it is brought back', async () => {
    const channel = await make();
    const { id } = await send(channel);
    await expect(stage.channelStates.archive(by(member), channel.id)).rejects.toMatchObject(refused('FORBIDDEN', 'NOT_CHANNEL_OWNER'));
    for (let n = 0; n < 2; n += 1) await there.channelStates.archive(by(owner), channel.id);
    const archived = refused('FAILED_PRECONDITION', 'CHANNEL_ARCHIVED');
    for (const viewer of [owner, member]) await expect(send(channel, viewer)).rejects.toMatchObject(archived);
    await expect(stage.reactions.react(member, { messageId: id, emoji: '👍', reacted: true })).rejects.toMatchObject(archived);
    expect(await stage.messages.get(member, id)).toMatchObject({ body: 'Hello.' });
    for (let n = 0; n < 2; n += 1) await there.channelStates.unarchive(by(owner), channel.id);
    await send(channel);
    expect(await told(channel)).toEqual(['message.added', 'channel.changed', 'channel.changed', 'message.added']);
  });

  it('is one of as many as the plan allows, whoever makes, archives and brings back on two instances at once', async () => {
    const made = await Promise.allSettled(Array.from({ length: 8 }, (_, n) => make('PRIVATE', n % 2 ? stage : there)));
    expect([succeeded(made), await inUse()]).toEqual([MOST, MOST]);
    const [first, second] = await stage.directory.list(owner, ALL);
    for (const channel of [first, second]) await stage.channelStates.archive(by(owner), channel?.id ?? '');
    const filled = await Promise.allSettled([
      ...[first, second].map((channel) => there.channelStates.unarchive(by(owner), channel?.id ?? '')),
      ...Array.from({ length: 4 }, (_, n) => make('SHARED', n % 2 ? stage : there)),
    ]);
    expect([succeeded(filled), await inUse()]).toEqual([2, MOST]);
    for (const one of filled) if (one.status === 'rejected') expect(one.reason).toMatchObject({ reason: 'CHANNEL_LIMIT_REACHED' });
  });

  it('in which nothing was written for long is archived, once, by whichever instance; and no other', async () => {
    const [idle, busy, young] = [await make(), await make(), await make()];
    const age = (ids: string[], table: string, column: string, key: string) =>
      asOwner(opened.database, `UPDATE ${table} SET ${column} = now() - $2 * interval '1 millisecond' WHERE ${key} = ANY($1)`, [
        ids,
        ARCHIVE_AFTER_MS,
      ]);
    await send(idle);
    await age([idle.id, busy.id], 'channels', 'open_since', 'id');
    await age([idle.id], 'messages', 'created_at', 'channel_id');
    await send(busy);
    for (let n = 0; n < 2; n += 1) await Promise.all([stage.archiver.sweep(), there.archiver.sweep()]);
    const states = await stage.channelStates.listStates(owner, [idle.id, busy.id, young.id]);
    expect(states.filter(({ archivedAt }) => archivedAt !== null).map(({ id }) => id)).toEqual([idle.id]);
    expect(await told(idle)).toEqual(['message.added', 'channel.changed']);
    await stage.channelStates.unarchive(by(owner), idle.id);
    await stage.archiver.sweep();
    expect(await told(idle)).toHaveLength(3);
  });

  it('is listed to its members, newest first, page by page and by what it is', async () => {
    const [first, second] = [await make('PRIVATE'), await make('BROADCAST')];
    await stage.channelStates.archive(by(owner), first.id);
    const list = async (viewer: UserViewer, filter: Partial<Parameters<Stage['directory']['list']>[1]>) =>
      (await stage.directory.list(viewer, { ...ALL, ...filter })).map(({ id }) => id);
    expect(await list(member, {})).toEqual([second.id, first.id]);
    expect(await list(member, { limit: 1 })).toEqual([second.id]);
    expect(await list(member, { olderThan: second })).toEqual([first.id]);
    expect(await list(owner, { archived: true })).toEqual([first.id]);
    expect(await list(owner, { type: 'BROADCAST' })).toEqual([second.id]);
    expect(await list(owner, { namePrefix: first.name })).toEqual([first.id]);
    expect(await list(owner, { organizationId: 'org_other' })).toEqual([]);
    expect(await list(await stage.user(), {})).toEqual([]);
  });

  it('tells those who write in it who belongs to it, and who is connected, on any instance', async () => {
    const channel = await make('BROADCAST');
    const socket = new AbortController();
    await there.messages.follow(member, channel.id, null, socket.signal);
    await there.channelPresence.flush();
    const list = async (viewer: UserViewer, onlineOnly: boolean) => {
      const found = await stage.directory.listMembers(viewer, channel.id, { ...PAGE, onlineOnly });
      return found && [found.total, found.online, ...found.members.map(({ displayName, role, online }) => [displayName, role, online])];
    };
    expect(await list(owner, false)).toEqual([2, 1, ['Owner', 'OWNER', false], ['Member', 'MEMBER', true]]);
    expect(await list(owner, true)).toEqual([2, 1, ['Member', 'MEMBER', true]]);
    expect(await list(member, false)).toBeNull();
    socket.abort();
    await there.channelPresence.flush();
    expect(await list(owner, true)).toEqual([2, 0]);
    await stage.messages.listEvents(owner, channel.id, null, 1);
    await stage.channelPresence.flush();
    expect(await list(owner, true)).toEqual([2, 1, ['Owner', 'OWNER', true]]);
  });

  it('gives who was away for long everything after their cursor, as it finally is', async () => {
    const channel = await make();
    const away = new StreamReader(await stage.messages.follow(member, channel.id, null, open()));
    await waitFor(() => away.items.length === 1, { what: 'the opening' });
    const cursor = away.cursor;
    await away.cut();
    const [kept, edited, erased] = [await send(channel, owner), await send(channel, owner), await send(channel, owner)];
    await stage.messages.edit(owner, edited.id, 'Better.');
    await stage.messages.delete(owner, erased.id);
    await stage.channelStates.archive(by(owner), channel.id);
    const back = new StreamReader(await there.messages.follow(member, channel.id, cursor, open()));
    await waitFor(() => back.items.length === 7, { what: 'everything' });
    expect([back.gaps, back.offsets]).toEqual([0, [1, 2, 3, 4, 5, 6]]);
    expect(await there.receipts.countUnread(member, channel)).toBe(2);
    const history = await there.messages.listHistory(member, channel, { direction: 'forward', beyond: null, limit: 10 });
    expect(history.map(({ id, body }) => [id, body])).toEqual([
      [kept.id, 'Hello.'],
      [edited.id, 'Better.'],
      [erased.id, ''],
    ]);
    await back.cut();
  });

  it('takes a broadcast by its own rights, and a retry of it brings what was missing', async () => {
    const [mine, closed] = [await make(), await make('BROADCAST')];
    const elsewhere = await stage.channels.create(by(await stage.user()), { name: 'a:b:c', type: 'SHARED' });
    const broadcast = { channelIds: [mine.id, closed.id, elsewhere.id, mine.id, 'nonsense'], body: 'To all.', clientId: 'a' };
    const outcomes = async (viewer: UserViewer, on: Stage) =>
      (await on.broadcasts.send(viewer, broadcast)).map(({ outcome }) => (outcome.ok ? outcome.value.id : outcome.error.code));
    const first = await outcomes(member, stage);
    expect(first).toEqual([expect.stringMatching(/^msg_/), 'FORBIDDEN', 'NOT_FOUND', 'NOT_FOUND']);
    await stage.channelMemberships.handOver(by(owner), closed.id, member.userId);
    const again = await outcomes(member, there);
    expect([again[0], again[1]]).toEqual([first[0], expect.stringMatching(/^msg_/)]);
    expect((await told(mine)).filter((type) => type === 'message.added')).toHaveLength(1);
  });

  it("shows its organization's administrators what goes on in it, in numbers", async () => {
    const channel = await make();
    for (let n = 0; n < 3; n += 1) await send(channel, owner);
    await send(channel, member);
    const { epoch } = await stage.kernel.log.open(`channel:${channel.id}`);
    await stage.receipts.acknowledge(member, { channelId: channel.id, cursor: { epoch, offset: 1 } });
    const last = await asOwner<{ at: Date }>(
      opened.database,
      `UPDATE messages SET created_at = created_at - interval '10 minutes' WHERE channel_id = $1 AND "offset" = 1 RETURNING created_at AS at`,
      [channel.id],
    );
    expect(last).toHaveLength(1);
    await stage.messages.listEvents(member, channel.id, null, 1);
    await stage.channelPresence.flush();
    const { organizationId } = channel;
    const [activity] = await there.monitor.list(owner, organizationId, null, 10);
    expect(activity).toMatchObject({ id: channel.id, members: 2, online: 1, lastMinute: 3, lastHour: 4, backlog: 2, archivedAt: null });
    await expect(there.monitor.list(member, organizationId, null, 10)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
