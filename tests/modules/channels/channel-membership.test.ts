import type { Ending } from '../../../src/lib/ending';
import type { UserViewer } from '../../../src/lib/viewer';
import type { ChannelRecord } from '../../../src/modules/channels';
import { testBackends } from '../../support/databases';
import { waitFor } from '../../support/wait-for';
import { refused } from '../refused';
import { by } from '../by';
import { open } from '../open';
import type { Stage, TwoStages } from '../stage';
import { openTwoStages } from '../stage';

const NOT_FOUND = { code: 'NOT_FOUND' };
type ChannelType = ChannelRecord['type'];

describe.each(testBackends())('members of a channel on %s', (kind) => {
  let opened: TwoStages;
  let stage: Stage;
  let there: Stage;
  let owner: UserViewer;
  let member: UserViewer;
  let other: UserViewer;
  let stranger: UserViewer;

  beforeAll(async () => {
    opened = await openTwoStages(kind);
    ({ stage, there } = opened);
  });
  beforeEach(async () => {
    [owner, member, other, stranger] = [
      await stage.user('Owner'),
      await stage.user('Member'),
      await stage.user('Other'),
      await stage.user(),
    ];
  });
  afterAll(() => opened.close());

  const make = (type: ChannelType): Promise<ChannelRecord> =>
    stage.channels.create(by(owner), { name: 'support:customer:1', type, memberIds: [member.userId] });
  const isMember = async (viewer: UserViewer, { id }: ChannelRecord): Promise<boolean> =>
    (await stage.channels.findFor(viewer, id)) !== null;
  const told = async ({ id }: ChannelRecord): Promise<string[]> =>
    (await stage.kernel.log.read(`channel:${id}`, 0, 100)).map(({ type }) => type);

  it.each<[ChannelType, boolean]>([
    ['PRIVATE', false],
    ['BROADCAST', false],
    ['SHARED', true],
  ])('of a %s one are added by its owner; by a member: %s', async (type, byMembers) => {
    const channel = await make(type);
    const added = stage.channelMemberships.add(by(member), channel.id, other.userId);
    if (byMembers) await added;
    else await expect(added).rejects.toMatchObject(refused('FORBIDDEN', 'NOT_CHANNEL_OWNER'));
    expect(await isMember(other, channel)).toBe(byMembers);
    await stage.channelMemberships.add(by(owner), channel.id, stranger.userId);
    expect(await isMember(stranger, channel)).toBe(true);
    await expect(stage.channelMemberships.add(by(owner), channel.id, stranger.userId)).rejects.toMatchObject(
      refused('CONFLICT', 'ALREADY_CHANNEL_MEMBER'),
    );
  });

  it('are nobody to strangers, and strangers nobody to them', async () => {
    const channel = await make('SHARED');
    const { channelMemberships } = stage;
    for (const attempt of [
      () => channelMemberships.add(by(stranger), channel.id, other.userId),
      () => channelMemberships.remove(by(stranger), channel.id, member.userId),
      () => channelMemberships.leave(by(stranger), channel.id),
      () => channelMemberships.handOver(by(stranger), channel.id, stranger.userId),
      () => channelMemberships.remove(by(owner), channel.id, stranger.userId),
      () => channelMemberships.add(by(owner), channel.id, 'usr_nonsense'),
    ]) {
      await expect(attempt()).rejects.toMatchObject(NOT_FOUND);
    }
    const { channel: chat, host } = await stage.live();
    await expect(channelMemberships.add(by(host), chat.id, other.userId)).rejects.toMatchObject(NOT_FOUND);
  });

  it('leave, are removed by the owner, and the owner goes only after handing over', async () => {
    const channel = await make('PRIVATE');
    const { channelMemberships } = stage;
    await channelMemberships.add(by(owner), channel.id, other.userId);
    await expect(channelMemberships.remove(by(member), channel.id, other.userId)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await channelMemberships.remove(by(owner), channel.id, other.userId);
    await expect(channelMemberships.leave(by(owner), channel.id)).rejects.toMatchObject(
      refused('FAILED_PRECONDITION', 'OWNER_CANNOT_LEAVE'),
    );
    await expect(channelMemberships.remove(by(owner), channel.id, owner.userId)).rejects.toMatchObject({ reason: 'OWNER_CANNOT_LEAVE' });
    await expect(channelMemberships.handOver(by(member), channel.id, member.userId)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await channelMemberships.handOver(by(owner), channel.id, member.userId);
    await channelMemberships.leave(by(owner), channel.id);
    expect([await isMember(owner, channel), await isMember(other, channel)]).toEqual([false, false]);
    expect(await stage.channels.findFor(member, channel.id)).toMatchObject({ moderates: true });
    expect(await told(channel)).toEqual(['channel.member_joined', 'channel.member_left', 'channel.owner_changed', 'channel.member_left']);
  });

  it('are as many owners as one, whoever hands over, leaves and is removed at once', async () => {
    const channel = await make('SHARED');
    await stage.channelMemberships.add(by(owner), channel.id, other.userId);
    await Promise.allSettled([
      stage.channelMemberships.handOver(by(owner), channel.id, member.userId),
      there.channelMemberships.handOver(by(owner), channel.id, other.userId),
      there.channelMemberships.leave(by(member), channel.id),
      stage.channelMemberships.leave(by(owner), channel.id),
      there.channelMemberships.remove(by(owner), channel.id, other.userId),
    ]);
    const owners = await opened.database
      .as('system')
      .sql(`SELECT 1 FROM channel_members WHERE channel_id = $1 AND role = 'OWNER'`, [channel.id]);
    expect(owners).toHaveLength(1);
  });

  it('read and write no more from the moment they are told to be gone', async () => {
    const channel = await make('SHARED');
    const send = (viewer: UserViewer, on: Stage, body: string): Promise<unknown> =>
      on.messages.send(viewer, { channelId: channel.id, body });
    await Promise.allSettled([
      ...Array.from({ length: 10 }, (_, n) => send(member, there, `No. ${n}`)),
      stage.channelMemberships.remove(by(owner), channel.id, member.userId),
      ...Array.from({ length: 10 }, (_, n) => send(member, stage, `No. ${n + 10}`)),
    ]);
    await expect(send(member, there, 'Late')).rejects.toMatchObject(NOT_FOUND);
    expect((await told(channel)).at(-1)).toBe('channel.member_left');
  });

  it('lose what they follow, on another instance too, and nobody else does', async () => {
    const channel = await make('SHARED');
    await stage.channelMemberships.add(by(owner), channel.id, other.userId);
    const follow = async (viewer: UserViewer): Promise<Ending> =>
      (await there.channelAccess.follow(opened.database.as([viewer.userId]), viewer, channel.id, open())).end;
    const [ends, tab, goesOn] = [await follow(member), await follow(member), await follow(other)];
    await expect(follow(stranger)).rejects.toMatchObject(NOT_FOUND);
    await stage.channelMemberships.leave(by(member), channel.id);
    await waitFor(() => ends.aborted && tab.aborted, { timeoutMs: 1_000, what: 'the end of both' });
    expect(goesOn.aborted).toBe(false);
    await expect(follow(member)).rejects.toMatchObject(NOT_FOUND);
  });
});
