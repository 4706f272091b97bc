import type { GuestViewer, Viewer } from '../../../src/lib/viewer';
import { ANONYMOUS } from '../../../src/lib/viewer';
import type { MessageRecord } from '../../../src/modules/messages/message.repository';
import type { FoundMessage, SearchPlace, SearchTerms } from '../../../src/modules/messages/search.repository';
import { MAX_RANKED } from '../../../src/modules/messages/search.repository';
import { openTestDatabase, testBackends } from '../../support/databases';
import type { TestDatabase } from '../../support/databases';
import { by } from '../by';
import { refused } from '../refused';
import type { Show, Stage } from '../stage';
import { setStage } from '../stage';

/** One more than a stretch of the index, so that places lie in several. */
const STRETCH = 16_385;

describe.each(testBackends())('search on %s', (kind) => {
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

  const send = (body: string, viewer: Viewer = guest): Promise<MessageRecord> =>
    stage.messages.send(viewer, { channelId: show.channel.id, body });
  const search = (
    query: string,
    terms: Partial<SearchTerms> = {},
    beyond: SearchPlace | null = null,
    limit = 100,
    viewer: Viewer = guest,
  ) => stage.searches.search(viewer, { id: show.channel.id }, { query, senderId: null, since: null, until: null, ...terms }, beyond, limit);
  const bodies = async (...args: Parameters<typeof search>): Promise<string[]> => (await search(...args)).map(({ body }) => body);
  /** Messages as they were long ago: a minute apart, at these places. */
  const fill = (places: readonly number[], body: string, senderId = show.host.userId): Promise<unknown> =>
    opened.database.as('system').sql(
      `INSERT INTO messages (id, channel_id, "offset", sender_id, sender_name, body, created_at)
       SELECT 'msg_' || $1 || place, $1, place, $2, 'Old', $3 || ' ' || place, timestamptz '2026-01-01' + place * interval '1 minute'
       FROM unnest($4::int8[]) AS place`,
      [show.channel.id, senderId, body, places],
    );

  it('finds whole words, in any case and language, all of them, phrases, alternatives, and without', async () => {
    for (const body of ['Hello brave new world', 'new world, old hello', 'Привет, мир', 'nothing at all']) await send(body);
    const found = async (query: string): Promise<string[]> => (await bodies(query)).sort();
    expect(await found('HELLO world')).toEqual(['Hello brave new world', 'new world, old hello']);
    expect(await found('"old hello"')).toEqual(['new world, old hello']);
    expect(await found('brave or nothing')).toEqual(['Hello brave new world', 'nothing at all']);
    expect(await found('world -brave')).toEqual(['new world, old hello']);
    expect(await found('привет')).toEqual(['Привет, мир']);
    expect(await found('at')).toEqual(['nothing at all']);
    for (const nothing of ['hell', '!!!', '&|!()', "'", '\\', show.channel.id, guest.attendeeId])
      expect([nothing, await found(nothing)]).toEqual([nothing, []]);
  });

  it('puts the best match first, then the newest, page after page, whatever is written meanwhile', async () => {
    for (const body of ['tea', 'coffee', 'tea and tea', 'tea', 'tea tea tea']) await send(body);
    const all = await search('tea');
    expect(all.map(({ body }) => body)).toEqual(['tea tea tea', 'tea and tea', 'tea', 'tea']);
    expect(all[2]?.offset).toBeGreaterThan(all[3]?.offset ?? 0);
    const walked: FoundMessage[] = [];
    for (let beyond: SearchPlace | null = null; ; beyond = walked.at(-1) ?? null) {
      const page: FoundMessage[] = await search('tea', {}, beyond, 1);
      if (page.length === 0) break;
      walked.push(...page);
      await send('tea tea');
    }
    expect(walked.map(({ id }) => id)).toEqual(all.map(({ id }) => id));
  });

  it('follows edits and deletions', async () => {
    const { id } = await send('first draft');
    await stage.messages.edit(guest, id, 'second thought');
    expect(await bodies('draft')).toEqual([]);
    expect(await bodies('thought')).toEqual(['second thought']);
    await stage.messages.delete(guest, id);
    expect(await bodies('thought or -draft')).toEqual([]);
  });

  it('keeps to a sender and to a time', async () => {
    await fill([1, 60, 120], 'report');
    await fill([180], 'report', guest.attendeeId);
    const at = (hours: number) => new Date(Date.UTC(2026, 0, 1, hours));
    expect(await bodies('report', { senderId: guest.attendeeId })).toEqual(['report 180']);
    expect(await bodies('report', { senderId: show.host.userId })).toEqual(['report 120', 'report 60', 'report 1']);
    expect(await bodies('report', { since: at(1), until: at(2) })).toEqual(['report 60']);
    expect(await bodies('report', { since: at(2) })).toEqual(['report 180', 'report 120']);
    expect(await bodies('report', { until: at(0) })).toEqual([]);
    for (const senderId of ['', 'nobody', "usr_' | 'x", '\\']) expect(await bodies('report', { senderId })).toEqual([]);
  });

  it('goes back through the whole channel', async () => {
    await fill([1, STRETCH, 2 * STRETCH, 5 * STRETCH], 'needle');
    expect(await bodies('needle')).toEqual([5, 2, 1].map((n) => `needle ${n * STRETCH}`).concat('needle 1'));
    const old = new Date(Date.UTC(2026, 0, 1) + 60_000 * STRETCH);
    expect(await bodies('needle', { until: old })).toEqual(['needle 1']);
    expect(await bodies('needle', { since: old, until: new Date(old.getTime() + 1) })).toEqual([`needle ${STRETCH}`]);
  });

  it(`ranks the newest ${MAX_RANKED} of more matches`, async () => {
    await fill(
      Array.from({ length: MAX_RANKED + 2 }, (_, n) => n + 1),
      'hay',
    );
    const found = await search('hay', {}, null, 2 * MAX_RANKED);
    expect([found.length, found[0]?.offset, found.at(-1)?.offset]).toEqual([MAX_RANKED, MAX_RANKED + 2, 3]);
  });

  it('is for those who read the channel, and looks into no other', async () => {
    const elsewhere = await stage.live();
    await stage.messages.send(elsewhere.host, { channelId: elsewhere.channel.id, body: 'secret plans' });
    await send('open plans');
    expect(await bodies('plans')).toEqual(['open plans']);
    await expect(search('plans', {}, null, 10, ANONYMOUS)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    for (const stranger of [await stage.user(), elsewhere.host])
      await expect(search('plans', {}, null, 10, stranger)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const past = (who: readonly string[]) =>
      opened.database
        .as(who)
        .sql<{ id: string }>(`SELECT id FROM search_messages($1, 'plans'::tsquery, NULL, NULL, NULL, NULL, 10)`, [show.channel.id]);
    expect(await past([])).toEqual([]);
    expect(await past([elsewhere.host.userId])).toEqual([]);
    expect(await past([show.host.userId])).toHaveLength(1);
    await stage.moderation.remove(by(show.host), guest.attendeeId);
    await expect(search('plans')).rejects.toMatchObject(refused('FORBIDDEN', 'ATTENDEE_REMOVED'));
    expect(await past([guest.attendeeId])).toEqual([]);
  });
});
