import type { GuestViewer, UserViewer, Viewer } from '../../../src/lib/viewer';
import { ANONYMOUS } from '../../../src/lib/viewer';
import { messageIds } from '../../../src/modules/messages/message-batch';
import { reactionsChanged } from '../../../src/modules/messages/message.events';
import type { Tallies } from '../../../src/modules/messages/reaction-batch';
import { testBackends } from '../../support/databases';
import { by } from '../by';
import { refused } from '../refused';
import type { Show, Stage, TwoStages } from '../stage';
import { openTwoStages } from '../stage';

describe.each(testBackends())('reactions on %s', (kind) => {
  let opened: TwoStages;
  let stage: Stage;
  let there: Stage;
  let show: Show;
  let guest: GuestViewer;
  let messageId: string;

  beforeAll(async () => {
    opened = await openTwoStages(kind);
    ({ stage, there } = opened);
  });
  beforeEach(async () => {
    show = await stage.live();
    guest = await stage.guest(show.session);
    messageId = (await stage.messages.send(show.host, { channelId: show.channel.id, body: 'Look!' })).id;
  });
  afterAll(() => opened.close());

  const react = (viewer: Viewer, emoji: string, reacted = true, on = stage, id = messageId) =>
    on.reactions.react(viewer, { messageId: id, emoji, reacted });
  const told = async (): Promise<Tallies[]> => {
    const events = await stage.kernel.log.read(`channel:${show.channel.id}`, 0, 1_000);
    return events.filter((event) => reactionsChanged.is(event)).map((event) => reactionsChanged.read(event).tallies);
  };
  const tallies = async (viewer: Viewer = show.host): Promise<Tallies> =>
    (await stage.reactions.listTallies(viewer, [messageId]))[0]?.tallies ?? [];
  const own = async (viewer: Viewer): Promise<string[]> => {
    const [emoji] = await stage.reactions.listOwn([{ viewer, messageId }]);
    return [...(emoji ?? [])].sort();
  };

  it('are one per person and emoji, told with what they come to', async () => {
    await react(guest, '👍');
    await react(guest, '👍');
    await react(show.host, '👍');
    await react(guest, '🎉');
    await react(guest, '👍', false);
    await react(guest, '👍', false);
    const after = [
      { emoji: '👍', count: 1 },
      { emoji: '🎉', count: 1 },
    ];
    expect(await tallies()).toEqual(after);
    expect(await told()).toEqual([
      [{ emoji: '👍', count: 1 }],
      [{ emoji: '👍', count: 2 }],
      [
        { emoji: '👍', count: 2 },
        { emoji: '🎉', count: 1 },
      ],
      after,
    ]);
    expect([await own(guest), await own(show.host), await own(await stage.user())]).toEqual([['🎉'], ['👍'], []]);
  });

  it('are exact when many change theirs at once, on two instances', async () => {
    const guests = await Promise.all(Array.from({ length: 8 }, () => stage.guest(show.session)));
    const changes = guests.flatMap((viewer, n) =>
      Array.from({ length: 6 }, (_, m) => react(viewer, m % 3 === 0 ? '👍' : '🎉', m < 3 || n % 2 === 0, m % 2 ? there : stage)),
    );
    await Promise.all(changes);
    const rows = await opened.database.as('system').sql<{
      emoji: string;
      count: number;
    }>('SELECT emoji, count(*)::int AS count FROM message_reactions WHERE message_id = $1 GROUP BY emoji', [messageId]);
    const byEmoji = (all: Tallies) => new Map(all.map(({ emoji, count }) => [emoji, count]));
    expect(byEmoji(await tallies())).toEqual(byEmoji(rows));
    expect((await told()).at(-1)).toEqual(await tallies());
    expect(byEmoji(rows).get('👍')).toBeGreaterThanOrEqual(4);
  });

  it('of one batch are told once for each message', async () => {
    const guests = await Promise.all(Array.from({ length: 12 }, () => stage.guest(show.session)));
    await Promise.all(guests.map((viewer) => react(viewer, '👍')));
    const counts = (await told()).map(([tally]) => tally?.count ?? 0);
    expect(counts.at(-1)).toBe(12);
    expect(counts.length).toBeLessThan(12);
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
  });

  it('are for those who read the channel, while its session is not over', async () => {
    await expect(react(ANONYMOUS, '👍')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    const strangers = [await stage.user(), await stage.guest((await stage.live()).session)];
    for (const stranger of strangers)
      await expect(react(stranger, '👍')).rejects.toMatchObject({ code: 'NOT_FOUND', message: 'Message not found.' });
    for (const id of [messageIds.create(), 'nonsense'])
      await expect(react(guest, '👍', true, stage, id)).rejects.toMatchObject({ code: 'NOT_FOUND', message: 'Message not found.' });
    const removed = await stage.guest(show.session);
    await react(removed, '👍');
    await stage.moderation.remove(by(show.host), removed.attendeeId);
    await expect(react(removed, '👍', false)).rejects.toMatchObject(refused('FORBIDDEN', 'ATTENDEE_REMOVED'));
    expect(await tallies(removed)).toEqual([]);
    await stage.sessions.command(by(show.host), show.session.id, 'end');
    await expect(react(guest, '👍')).rejects.toMatchObject(refused('FAILED_PRECONDITION', 'SESSION_ENDED'));
    expect(await tallies()).toEqual([{ emoji: '👍', count: 1 }]);
  });

  it('lets a bad one of a batch fail alone', async () => {
    const stranger = await stage.user();
    const answers = await Promise.allSettled([react(guest, '👍'), react(stranger, '👍'), react(show.host, '👍')]);
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await tallies()).toEqual([{ emoji: '👍', count: 2 }]);
  });

  it('are open to the readers of a broadcast channel, who do not write in it', async () => {
    const [owner, reader]: UserViewer[] = [await stage.user(), await stage.user()];
    const channel = await stage.channels.create(by(owner), { name: 'news:of:today', type: 'BROADCAST', memberIds: [reader?.userId ?? ''] });
    const news = await stage.messages.send(owner!, { channelId: channel.id, body: 'News.' });
    await expect(stage.messages.send(reader!, { channelId: channel.id, body: 'x' })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await react(reader!, '👍', true, stage, news.id);
    expect(await stage.reactions.listTallies(owner!, [news.id])).toEqual([{ messageId: news.id, tallies: [{ emoji: '👍', count: 1 }] }]);
  });

  it('go with a message that is deleted', async () => {
    await react(guest, '👍');
    await stage.messages.delete(show.host, messageId);
    expect([await tallies(), await own(guest)]).toEqual([[], []]);
    await expect(react(guest, '👍')).rejects.toMatchObject(refused('FAILED_PRECONDITION', 'MESSAGE_DELETED'));
  });

  it('are at most 20 different ones on a message', async () => {
    const animals = [...'🐶🐱🐭🐹🐰🦊🐻🐼🐨🐯🦁🐮🐷🐸🐵🐔🐧🐦🐤🦆'];
    await Promise.all(animals.map((emoji) => react(guest, emoji)));
    await expect(react(show.host, '🦅')).rejects.toMatchObject(refused('FAILED_PRECONDITION', 'TOO_MANY_EMOJI'));
    await react(show.host, '🐶');
    expect(await tallies()).toHaveLength(20);
  });
});
