import type { UserViewer } from '../../../src/lib/viewer';
import type { ChannelRecord } from '../../../src/modules/channels';
import { testBackends } from '../../support/databases';
import { by } from '../by';
import { refused } from '../refused';
import type { Stage, TwoStages } from '../stage';
import { openTwoStages } from '../stage';

const NOT_FOUND = { code: 'NOT_FOUND' };

describe.each(testBackends())('invitations into a channel on %s', (kind) => {
  let opened: TwoStages;
  let stage: Stage;
  let there: Stage;
  let owner: UserViewer;
  let member: UserViewer;
  let invited: UserViewer;

  beforeAll(async () => {
    opened = await openTwoStages(kind);
    ({ stage, there } = opened);
  });
  beforeEach(async () => {
    [owner, member, invited] = [await stage.user('Owner'), await stage.user('Member'), await stage.user('Invited')];
  });
  afterAll(() => opened.close());

  const make = (type: ChannelRecord['type'] = 'PRIVATE'): Promise<ChannelRecord> =>
    stage.channels.create(by(owner), { name: 'support:customer:1', type, memberIds: [member.userId] });
  const invite = ({ id }: ChannelRecord, viewer = owner) => stage.channelInvitations.invite(by(viewer), id, invited.userId);
  const told = async ({ id }: ChannelRecord): Promise<string[]> =>
    (await stage.kernel.log.read(`channel:${id}`, 0, 100)).map(({ type }) => type);
  const waiting = async () => (await there.channelInvitations.list(invited, null, 10)).map(({ name, inviterName }) => [name, inviterName]);

  it('make members of those who accept, once, whoever asks at the same time; until then the channel does not exist for them', async () => {
    const channel = await make();
    for (let n = 0; n < 2; n += 1) await invite(channel);
    expect(await waiting()).toEqual([[channel.name, 'Owner']]);
    expect(await stage.channels.findFor(invited, channel.id)).toBeNull();
    const joins = await Promise.allSettled([stage, there, stage, there].map((on) => on.channelInvitations.join(by(invited), channel.id)));
    expect(joins.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await stage.channels.findFor(invited, channel.id)).toMatchObject({ moderates: false });
    expect([await waiting(), await told(channel)]).toEqual([[], ['channel.member_joined']]);
    await expect(invite(channel)).rejects.toMatchObject(refused('CONFLICT', 'ALREADY_CHANNEL_MEMBER'));
  });

  it('are made by those who may add members, and end when they are declined, taken back, or the one is added', async () => {
    const channel = await make();
    await expect(invite(channel, member)).rejects.toMatchObject(refused('FORBIDDEN', 'NOT_CHANNEL_OWNER'));
    await expect(invite(channel, invited)).rejects.toMatchObject(NOT_FOUND);
    await invite(channel);
    await there.channelInvitations.decline(by(invited), channel.id);
    await invite(channel);
    await there.channelInvitations.revoke(by(owner), channel.id, invited.userId);
    await expect(stage.channelInvitations.join(by(invited), channel.id)).rejects.toMatchObject(NOT_FOUND);
    await expect(stage.channelInvitations.decline(by(invited), channel.id)).rejects.toMatchObject(NOT_FOUND);
    await expect(stage.channelInvitations.revoke(by(owner), channel.id, invited.userId)).rejects.toMatchObject(NOT_FOUND);
    await invite(channel);
    await stage.channelMemberships.add(by(owner), channel.id, invited.userId);
    expect(await waiting()).toEqual([]);
    await invite(await stage.channels.create(by(owner), { name: 'a:b:c', type: 'SHARED', memberIds: [member.userId] }), member);
    expect(await waiting()).toEqual([['a:b:c', 'Member']]);
  });
});
