import type { UserViewer } from '../../../src/lib/viewer';
import { ANONYMOUS } from '../../../src/lib/viewer';
import { notificationAdded, notificationsRead } from '../../../src/modules/notifications/notification.events';

import { notificationsStream } from '../../../src/modules/notifications';
import { asOwner, openTestDatabase, testBackends } from '../../support/databases';
import type { TestDatabase } from '../../support/databases';
import { by } from '../by';
import type { NotificationStage } from './notification-stage';
import { setNotificationStage } from './notification-stage';

describe.each(testBackends())('notifications on %s', (kind) => {
  let opened: TestDatabase;
  let stage: NotificationStage;

  beforeAll(async () => {
    opened = await openTestDatabase(kind);
    stage = await setNotificationStage(opened.database);
  });
  afterAll(async () => {
    await stage.close();
    await stage.kernel.close();
    await opened.drop();
  });

  const streamOf = async ({ userId }: UserViewer): Promise<string[]> => {
    const events = await stage.kernel.log.read(notificationsStream(userId), 0, 100);
    return events.map(({ type }) => type);
  };
  const unread = (viewer: UserViewer): Promise<number> => stage.room.notifications.countUnread(viewer);
  const titles = async (viewer: UserViewer): Promise<string[]> => (await stage.toldTo(viewer)).map(({ title }) => title);

  describe('of sessions', () => {
    it('tells everybody with a place but the host that a session has started, once', async () => {
      const [host, ann] = [await stage.user('Host'), await stage.user('Ann')];
      const session = await stage.conference(host);
      await stage.attendees.join(ann, { code: session.code });
      await stage.sessions.command(by(host), session.id, 'start');
      await stage.tellAll();
      await stage.sessions.command(by(host), session.id, 'pause');
      await stage.sessions.command(by(host), session.id, 'resume');
      await stage.tellAll();
      expect(await stage.toldTo(ann)).toMatchObject([
        { type: 'SESSION_STARTED', priority: 'HIGH', title: '“All hands” has started', subjectId: session.id, readAt: null },
      ]);
      expect(await streamOf(ann)).toEqual(['notification.added']);
      expect(await stage.toldTo(host)).toEqual([]);
    });

    it('reminds of a scheduled session ten minutes before, once however many look', async () => {
      const [host, ann] = [await stage.user('Host'), await stage.user('Ann')];
      const session = await stage.conference(host, { scheduledFor: new Date(Date.now() + 3_600_000) });
      await stage.attendees.join(ann, { code: session.code });
      await stage.tellAll();
      const other = await setNotificationStage(opened.database);
      const remind = (): Promise<unknown> => Promise.all([stage.room.reminding.go(), other.room.reminding.go()]);
      await remind();
      expect(await stage.toldTo(ann)).toEqual([]);
      const due = `UPDATE session_reminders SET due_at = now() - interval '1 second' WHERE session_id = $1`;
      await asOwner(opened.database, due, [session.id]);
      await remind();
      await remind();
      expect(await titles(ann)).toEqual(['“All hands” starts soon']);
      expect(await titles(host)).toEqual(['“All hands” starts soon']);
      await other.close();
    });

    it('reminds anew when a session is put off, and of none that was cancelled', async () => {
      const host = await stage.user('Host');
      const [first, second] = [new Date(Date.now() + 60_000), new Date(Date.now() + 120_000)];
      const session = await stage.conference(host, { scheduledFor: first });
      await stage.tellAll();
      await stage.room.reminding.go();
      await stage.sessions.update(by(host), session.id, { scheduledFor: second });
      await stage.tellAll();
      await stage.room.reminding.go();
      expect(await titles(host)).toHaveLength(2);
      await stage.sessions.update(by(host), session.id, { scheduledFor: new Date(Date.now() + 180_000) });
      await stage.tellAll();
      await stage.sessions.command(by(host), session.id, 'cancel');
      await stage.room.reminding.go();
      expect(await titles(host)).toHaveLength(2);
    });

    it('tells a party of a call that the other has come', async () => {
      const { client, advisor } = await stage.call();
      await stage.tellAll();
      const [waiting] = (await stage.toldTo(client)).filter(({ type }) => type === 'PEER_CONNECTION');
      expect(waiting).toMatchObject({ priority: 'URGENT', title: 'Advisor is waiting for you in “All hands”' });
      expect((await stage.toldTo(advisor)).map(({ type }) => type).sort()).toEqual(['PEER_CONNECTION', 'SESSION_STARTED']);
    });
  });

  it('tells who asked that a question was answered, when they have an account', async () => {
    const { host, session } = await stage.live();
    const ann = await stage.user('Ann');
    await stage.attendees.join(ann, { code: session.code });
    const questions = [await stage.ask(ann, session), await stage.ask(await stage.guest(session), session, 'And why?')];
    await stage.attendees.join(host, { code: session.code });
    for (const question of questions) await stage.questions.answer(by(host), question.id, 'Because.');
    await stage.questions.answer(by(host), questions[0]?.id ?? '', 'Therefore.');
    await stage.tellAll();
    const told = (await stage.toldTo(ann)).filter(({ type }) => type === 'QUESTION_ANSWERED');
    expect(told).toMatchObject([{ title: 'Your question in “All hands” was answered', subjectId: questions[0]?.id }]);
  });

  describe('of messages', () => {
    const send = (viewer: UserViewer, channelId: string, body: string) => stage.messages.send(viewer, { channelId, body });

    it('counts the unread messages of a channel in one notification, and begins anew after it was read', async () => {
      const { ann, ben, channelId } = await stage.pair();
      await send(ann, channelId, 'one');
      await send(ann, channelId, 'two');
      await stage.tellAll();
      await send(ann, channelId, 'three');
      await stage.tellAll();
      const [told, ...others] = await stage.toldTo(ben);
      expect(others).toEqual([]);
      expect(told).toMatchObject({
        type: 'NEW_MESSAGE',
        count: 3,
        subjectId: channelId,
        body: null,
        title: 'New messages in customer:ann:talk',
      });
      expect(JSON.stringify(told)).not.toContain('three');
      expect(await stage.toldTo(ann)).toEqual([]);
      await stage.room.notifications.markRead(ben, told?.id ?? '');
      await send(ann, channelId, 'four');
      await stage.tellAll();
      expect(await stage.toldTo(ben)).toMatchObject([{ id: told?.id, count: 1, readAt: null }]);
      expect(await streamOf(ben)).toEqual(['notification.added', 'notification.updated', 'notification.read', 'notification.added']);
    });

    it('does not tell who has acknowledged them, and counts as read what is acknowledged later', async () => {
      const { ann, ben, channelId } = await stage.pair();
      await send(ann, channelId, 'one');
      const acknowledge = async (): Promise<unknown> => {
        const [opened] = await stage.messages.listEvents(ben, channelId, null, 1);
        if (opened?.kind !== 'opened') throw new Error('no place');
        return stage.receipts.acknowledge(ben, { channelId, cursor: opened.position });
      };
      await acknowledge();
      await stage.tellAll();
      expect(await stage.toldTo(ben)).toEqual([]);
      await send(ann, channelId, 'two');
      await stage.tellAll();
      expect(await unread(ben)).toBe(1);
      await acknowledge();
      expect(await unread(ben)).toBe(0);
      expect(await streamOf(ben)).toEqual(['notification.added', 'notification.read']);
    });

    it('tells who is mentioned, in a channel and in the chat of a session, when they have a place there', async () => {
      const { ann, ben, channelId } = await stage.pair();
      const { host, session, channel } = await stage.live();
      await stage.attendees.join(ben, { code: session.code });
      const mention = (to: string, viewer: UserViewer): Promise<unknown> =>
        stage.messages.send(viewer, { channelId: to, body: 'hello', mentionIds: [ben.userId, viewer.userId] });
      await mention(channelId, ann);
      await stage.attendees.join(host, { code: session.code });
      await mention(channel.id, host);
      await stage.tellAll();
      const told = (await stage.toldTo(ben)).filter(({ type }) => type === 'MENTION');
      expect(told.map(({ title }) => title).sort()).toEqual([
        'Ann mentioned you in customer:ann:talk',
        'Host mentioned you in “All hands”',
      ]);
      for (const other of [ann, host]) expect((await titles(other)).join()).not.toContain('mentioned');
    });

    it('tells nobody of the chat of a session', async () => {
      const { host, session, channel } = await stage.live();
      const ann = await stage.user('Ann');
      await stage.attendees.join(ann, { code: session.code });
      await stage.attendees.join(host, { code: session.code });
      await stage.messages.send(host, { channelId: channel.id, body: 'hello' });
      await stage.tellAll();
      expect(await stage.toldTo(ann)).toEqual([]);
    });
  });

  describe('of applications', () => {
    const notice = (organizationId: string, userIds: readonly string[]) => ({
      organizationId,
      userIds,
      applicationType: 'crm.deal_won',
      key: 'deal-1',
      title: 'Won <b>it</b>',
      body: null,
      link: 'https://crm.example.org/deals/1',
    });

    it('tells members what an application publishes, once for each key', async () => {
      const ann = await stage.user('Ann');
      const [organization] = await stage.organizations.listOf(ann.userId);
      const given = { ...notice(organization?.id ?? '', [ann.userId, ann.userId]), priority: 'LOW', data: { deal: 1 } } as const;
      await stage.room.applicationNotices.publish(ann, given);
      await stage.room.applicationNotices.publish(ann, given);
      await stage.tellAll();
      expect(await stage.toldTo(ann)).toMatchObject([
        { type: 'APPLICATION', applicationType: 'crm.deal_won', priority: 'LOW', title: 'Won <b>it</b>', data: { deal: 1 }, count: 1 },
      ]);
    });

    it('shows the progress of one piece of work in one notification, unread again when it ends', async () => {
      const ann = await stage.user('Ann');
      const [organization] = await stage.organizations.listOf(ann.userId);
      const report = async (done: number, state: 'RUNNING' | 'SUCCEEDED'): Promise<void> => {
        await stage.room.applicationNotices.reportProgress(ann, {
          ...notice(organization?.id ?? '', [ann.userId]),
          done,
          total: 10,
          state,
        });
        await stage.tellAll();
      };
      await report(1, 'RUNNING');
      const [told] = await stage.toldTo(ann);
      await stage.room.notifications.markRead(ann, told?.id ?? '');
      await report(5, 'RUNNING');
      expect(await unread(ann)).toBe(0);
      await report(10, 'SUCCEEDED');
      expect(await stage.toldTo(ann)).toMatchObject([
        { id: told?.id, type: 'PROGRESS', data: { done: 10, total: 10, state: 'SUCCEEDED' }, readAt: null },
      ]);
    });

    it('is for who administers the organization, or by a key of its own, and reaches its members alone', async () => {
      const [ann, ben] = [await stage.user('Ann'), await stage.user('Ben')];
      const [organization] = await stage.organizations.listOf(ann.userId);
      const id = organization?.id ?? '';
      const publish = (viewer: UserViewer, userIds: readonly string[]): Promise<void> =>
        stage.room.applicationNotices.publish(viewer, { ...notice(id, userIds), priority: 'NORMAL', data: null });
      await expect(publish(ben, [ben.userId])).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(publish(ann, [ann.userId, ben.userId])).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
      const key = { id: 'key_1', organizationId: 'org_other', scopes: ['notifications:write'] };
      await expect(publish({ ...ann, key }, [ann.userId])).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await publish({ ...ann, key: { ...key, organizationId: id } }, [ann.userId]);
      await stage.tellAll();
      expect(await unread(ann)).toBe(1);
      expect(await stage.toldTo(ben)).toEqual([]);
    });
  });

  describe('reading', () => {
    const startedFor = async (count: number): Promise<UserViewer> => {
      const [host, ann] = [await stage.user('Host'), await stage.user('Ann')];
      for (let index = 0; index < count; index += 1) {
        const session = await stage.conference(host, { title: `S${index}` });
        await stage.attendees.join(ann, { code: session.code });
        await stage.sessions.command(by(host), session.id, 'start');
      }
      await stage.tellAll();
      return ann;
    };

    it('marks one, repeatedly, and all', async () => {
      const ann = await startedFor(3);
      const [first] = await stage.toldTo(ann);
      await stage.room.notifications.markRead(ann, first?.id ?? '');
      const again = await stage.room.notifications.markRead(ann, first?.id ?? '');
      expect(again.readAt).not.toBeNull();
      expect(await unread(ann)).toBe(2);
      expect(await stage.room.notifications.markAllRead(ann)).toBe(2);
      expect(await stage.room.notifications.markAllRead(ann)).toBe(0);
      expect(await unread(ann)).toBe(0);
      expect((await streamOf(ann)).slice(3)).toEqual(['notification.read', 'notification.read']);
    });

    it('pages the newest first, and by what is unread', async () => {
      const ann = await startedFor(3);
      const all = await stage.toldTo(ann);
      const { notifications } = stage.room;
      const second = await notifications.list(ann, { unreadOnly: false, types: null }, all[0] ?? null, 1);
      expect(second.map(({ id }) => id)).toEqual([all[1]?.id]);
      await notifications.markRead(ann, all[1]?.id ?? '');
      const left = await notifications.list(ann, { unreadOnly: true, types: ['SESSION_STARTED'] }, null, 10);
      expect(left.map(({ id }) => id)).toEqual([all[0]?.id, all[2]?.id]);
      expect(await notifications.list(ann, { unreadOnly: false, types: ['MENTION'] }, null, 10)).toEqual([]);
    });

    it("is one's own business: another's does not exist", async () => {
      const [ann, ben] = [await startedFor(1), await stage.user('Ben')];
      const [told] = await stage.toldTo(ann);
      await expect(stage.room.notifications.markRead(ben, told?.id ?? '')).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(stage.room.notifications.countUnread(ANONYMOUS)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
      const rows = await opened.database.as([ben.userId]).sql('SELECT 1 FROM notifications WHERE user_id = $1', [ann.userId]);
      expect(rows).toEqual([]);
    });

    it('files what is not wanted here as read, without an event', async () => {
      const [host, ann] = [await stage.user('Host'), await stage.user('Ann')];
      const { notifications } = stage.room;
      await notifications.setPreference(ann, { type: 'SESSION_STARTED', port: 'IN_APP', enabled: false });
      const session = await stage.conference(host);
      await stage.attendees.join(ann, { code: session.code });
      await stage.sessions.command(by(host), session.id, 'start');
      await stage.tellAll();
      expect(await unread(ann)).toBe(0);
      expect(await stage.toldTo(ann)).toHaveLength(1);
      expect(await streamOf(ann)).toEqual([]);
      const preferences = await notifications.listPreferences(ann);
      expect(preferences).toHaveLength(30);
      expect(preferences).toContainEqual({ type: 'SESSION_STARTED', port: 'IN_APP', enabled: false });
      expect(preferences).toContainEqual({ type: 'MENTION', port: 'EMAIL', enabled: true });
    });
  });

  it('tells by its stream all that the list says', async () => {
    const users = await asOwner<{ userId: string }>(opened.database, 'SELECT DISTINCT user_id AS "userId" FROM notifications');
    expect(users.length).toBeGreaterThan(10);
    for (const { userId } of users) {
      const viewer = { kind: 'user', userId, familyId: 'none', expiresAt: new Date() } as const;
      const listed = await stage.toldTo(viewer);
      const state = new Map<string, object>();
      for (const event of await stage.kernel.log.read(notificationsStream(userId), 0, 1_000)) {
        if (notificationsRead.is(event)) {
          for (const id of notificationsRead.read(event).notificationIds) state.set(id, { ...state.get(id), isRead: true });
        } else {
          const { id, title, count, readAt } = notificationAdded.read(event).notification;
          state.set(id, { title, count, isRead: readAt !== null });
        }
      }
      const shown = listed.map(({ id, title, count, readAt }) => [id, { title, count, isRead: readAt !== null }] as const);
      // What is filed as read at once is not told.
      expect(shown.filter(([id, { isRead }]) => state.has(id) || !isRead).sort()).toEqual([...state].sort());
    }
  });

  it('makes nothing twice when everything is read anew', async () => {
    const before = await asOwner(opened.database, 'SELECT * FROM notifications ORDER BY id');
    expect(before.length).toBeGreaterThan(10);
    await stage.rebuild();
    await stage.tellAll();
    const after = await asOwner<{ id: string }>(opened.database, 'SELECT * FROM notifications ORDER BY id');
    expect(after.filter(({ id }) => before.some((row) => (row as { id: string }).id === id))).toEqual(before);
  });
});
