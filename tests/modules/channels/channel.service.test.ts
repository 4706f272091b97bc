import { ANONYMOUS, viewerIds } from '../../../src/lib/viewer';
import { openTestDatabase, testBackends } from '../../support/databases';
import type { TestDatabase } from '../../support/databases';
import { refused } from '../refused';
import type { Stage } from '../stage';
import { setStage } from '../stage';
import { by } from '../by';

describe.each(testBackends())('channels on %s', (kind) => {
  let opened: TestDatabase;
  let stage: Stage;
  let names = 0;
  const newName = (): string => `support:customer:${(names += 1)}`;

  beforeAll(async () => {
    opened = await openTestDatabase(kind);
    stage = setStage(opened.database);
  });
  afterAll(async () => {
    await stage.kernel.close();
    await opened.drop();
  });

  const rightsOf = async (viewer: Parameters<Stage['channelAccess']['decideEach']>[1][number], channelId: string): Promise<string[]> => {
    const decide = async (right: 'view' | 'read' | 'post'): Promise<string[]> => {
      const place = await stage.channelAccess.find(stage.kernel.database.as(viewerIds(viewer)), viewer, channelId, right);
      return place === null ? [] : [right];
    };
    return [...(await decide('view')), ...(await decide('read')), ...(await decide('post'))];
  };

  describe('createChannel', () => {
    it('makes a channel for its owner and the members named, and nobody else', async () => {
      const [owner, member, stranger] = [await stage.user(), await stage.user(), await stage.user()];
      const channel = await stage.channels.create(by(owner), {
        name: newName(),
        type: 'PRIVATE',
        memberIds: [member.userId, owner.userId],
      });
      expect(await rightsOf(owner, channel.id)).toEqual(['view', 'read', 'post']);
      expect(await rightsOf(member, channel.id)).toEqual(['view', 'read', 'post']);
      expect(await rightsOf(stranger, channel.id)).toEqual([]);
      expect(await stage.channels.findFor(member, channel.id)).toMatchObject({ channel: { id: channel.id } });
      expect(await stage.channels.findFor(stranger, channel.id)).toBeNull();
    });

    it('requires an account', async () => {
      const { session } = await stage.live();
      const draft = { name: newName(), type: 'PRIVATE' as const };
      await expect(stage.channels.create(by(ANONYMOUS), draft)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
      await expect(stage.channels.create(by(await stage.guest(session)), draft)).rejects.toMatchObject(
        refused('FORBIDDEN', 'ACCOUNT_REQUIRED'),
      );
    });

    it('has one winner among makers of one name, and other organizations do not matter', async () => {
      const [owner, other] = [await stage.user(), await stage.user()];
      const draft = { name: newName(), type: 'SHARED' as const };
      const made = await Promise.allSettled(Array.from({ length: 5 }, () => stage.channels.create(by(owner), draft)));
      expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(made.find((one) => one.status === 'rejected')?.reason).toMatchObject(refused('CONFLICT', 'CHANNEL_NAME_TAKEN'));
      await expect(stage.channels.create(by(other), draft)).resolves.toMatchObject({ name: draft.name });
    });

    it.each([['usr_00000000000000000000000000'], ['ses_00000000000000000000000000'], ['nonsense']])(
      'refuses %s as a member',
      async (id) => {
        const owner = await stage.user();
        const name = newName();
        await expect(stage.channels.create(by(owner), { name, type: 'SHARED', memberIds: [id] })).rejects.toMatchObject({
          code: 'BAD_USER_INPUT',
        });
        await expect(stage.channels.create(by(owner), { name, type: 'SHARED' })).resolves.toMatchObject({ name });
      },
    );

    it('lets only the owner write in a broadcast', async () => {
      const [owner, member] = [await stage.user(), await stage.user()];
      const channel = await stage.channels.create(by(owner), { name: newName(), type: 'BROADCAST', memberIds: [member.userId] });
      expect(await rightsOf(owner, channel.id)).toEqual(['view', 'read', 'post']);
      expect(await rightsOf(member, channel.id)).toEqual(['view', 'read']);
      await expect(
        stage.channelAccess.require(stage.kernel.database.as(viewerIds(member)), member, channel.id, 'post'),
      ).rejects.toMatchObject(refused('FORBIDDEN', 'NOT_CHANNEL_OWNER'));
    });
  });

  describe("a session's own channel", () => {
    it('comes with the session', async () => {
      const { session, channel } = await stage.live();
      expect(channel).toMatchObject({ name: `session:${session.id}:chat`, type: 'SHARED', sessionId: session.id });
    });

    it('belongs to whoever is present, until they go', async () => {
      const { host, session, channel } = await stage.live();
      const [guest, stranger] = [await stage.guest(session), await stage.user()];
      expect(await rightsOf(host, channel.id)).toEqual(['view', 'read', 'post']);
      expect(await rightsOf(guest, channel.id)).toEqual(['view', 'read', 'post']);
      expect(await rightsOf(stranger, channel.id)).toEqual([]);
      await stage.attendees.leave(guest, session.id);
      expect(await rightsOf(guest, channel.id)).toEqual(['view']);
      await stage.moderation.remove(by(host), guest.attendeeId);
      expect(await rightsOf(guest, channel.id)).toEqual([]);
      await expect(
        stage.channelAccess.require(stage.kernel.database.as(viewerIds(guest)), guest, channel.id, 'read'),
      ).rejects.toMatchObject(refused('FORBIDDEN', 'ATTENDEE_REMOVED'));
    });

    it('is only read once the session is over', async () => {
      const { host, session, channel } = await stage.live();
      await stage.sessions.command(by(host), session.id, 'end');
      expect(await rightsOf(host, channel.id)).toEqual(['view', 'read']);
      await expect(stage.channelAccess.require(stage.kernel.database.as(viewerIds(host)), host, channel.id, 'post')).rejects.toMatchObject(
        refused('FAILED_PRECONDITION', 'SESSION_ENDED'),
      );
    });

    it("is none of another session's guests", async () => {
      const [here, there] = [await stage.live(), await stage.live()];
      expect(await rightsOf(await stage.guest(there.session), here.channel.id)).toEqual([]);
    });
  });

  it('decides for many viewers at once as for each alone', async () => {
    const { host, session, channel } = await stage.live();
    const [guest, gone, stranger] = [await stage.guest(session), await stage.guest(session), await stage.user()];
    await stage.moderation.remove(by(host), gone.attendeeId);
    const viewers = [stranger, guest, ANONYMOUS, host, gone, guest];
    const decisions = await stage.channelAccess.decideEach(stage.kernel.database.as(viewers.flatMap(viewerIds)), viewers, channel, 'post');
    expect(decisions.map((one) => (one.ok ? one.value.participant.id : one.error.code))).toEqual([
      'NOT_FOUND',
      guest.attendeeId,
      'UNAUTHENTICATED',
      host.userId,
      'FORBIDDEN',
      guest.attendeeId,
    ]);
  });

  it.each(['chn_00000000000000000000000000', 'ses_00000000000000000000000000', '', "' OR 1=1"])('does not know %j', async (id) => {
    const viewer = await stage.user();
    expect(await stage.channels.findFor(viewer, id)).toBeNull();
    await expect(stage.channelAccess.require(stage.kernel.database.as(viewerIds(viewer)), viewer, id, 'read')).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});
