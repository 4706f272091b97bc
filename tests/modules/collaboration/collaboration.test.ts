import fc from 'fast-check';
import type { Viewer } from '../../../src/lib/viewer';
import { itemChanged, itemRemoved } from '../../../src/modules/collaboration';
import { MAX_ITEMS } from '../../../src/modules/collaboration/collaboration.service';
import type { ItemRecord } from '../../../src/modules/collaboration/item.repository';
import type { StreamEvent } from '../../../src/realtime/event';
import { testBackends } from '../../support/databases';
import { PROPERTY_TIMEOUT_MS, propertyRuns } from '../../support/property-runs';
import { by } from '../by';
import { open } from '../open';
import { refused } from '../refused';
import type { Show, Stage, TwoStages } from '../stage';
import { openTwoStages } from '../stage';

const LIST = 'AGENDA' as const;
const NOT_FOUND = refused('NOT_FOUND', 'NOT_FOUND');
const NOT_ALLOWED = refused('FORBIDDEN', 'NOT_A_COLLABORATOR');

describe.each(testBackends())('collaboration on %s', (kind) => {
  let two: TwoStages;
  let stage: Stage;
  let show: Show;
  let guest: Viewer;

  beforeAll(async () => {
    two = await openTwoStages(kind);
    ({ stage } = two);
  });
  afterAll(() => two.close());
  beforeEach(async () => {
    show = await stage.live();
    guest = await stage.guest(show.session);
  });

  const add = (body: string, rest: object = {}, viewer: Viewer = show.host, on = stage): Promise<ItemRecord> =>
    on.collaboration.add(viewer, { sessionId: show.session.id, list: LIST, body, ...rest });
  const bodies = async (viewer: Viewer = show.host): Promise<string[]> =>
    (await stage.collaboration.list(by(viewer), show.session.id, LIST, null, 300)).map(({ body }) => body);
  const history = (): Promise<StreamEvent[]> => stage.kernel.log.read(`collaboration:${show.session.id}`, 0, 1_000);

  /** The list that a client holds who applies the events and nothing else. */
  async function projected(): Promise<string[]> {
    const items = new Map<string, { position: string; body: string }>();
    for (const event of await history()) {
      if (itemRemoved.is(event)) items.delete(itemRemoved.read(event).id);
      else items.set(itemChanged.read(event).item.id, itemChanged.read(event).item);
    }
    return [...items.values()].sort((a, b) => (a.position < b.position ? -1 : 1)).map(({ body }) => body);
  }

  it('keeps lists in the order that people give them, and tells every change', async () => {
    const [first, second] = [await add('One'), await add('Two')];
    await add('Zero', { after: null });
    await add('Between', { after: first.id });
    expect(await bodies()).toEqual(['Zero', 'One', 'Between', 'Two']);
    const moved = await stage.collaboration.move(show.host, { itemId: second.id, version: 1, after: null });
    const edited = await stage.collaboration.edit(show.host, { itemId: second.id, version: moved.version, body: 'Second', done: true });
    expect(edited).toMatchObject({ body: 'Second', done: true, version: 3, authorName: 'Host' });
    await stage.collaboration.remove(show.host, { itemId: first.id, version: 1 });
    expect(await bodies(guest)).toEqual(['Second', 'Zero', 'Between']);
    expect(await projected()).toEqual(await bodies());
  });

  it('goes on from a cursor, on another instance, until somebody leaves', async () => {
    const item = await add('One');
    const [at] = await history();
    const events = await two.there.collaboration.follow(by(guest), show.session.id, { epoch: at!.epoch, offset: at!.offset }, open());
    await stage.collaboration.edit(show.host, { itemId: item.id, version: 1, body: 'Uno' });
    expect(await events.next()).toMatchObject({ value: { kind: 'opened', recovered: true } });
    expect(await events.next()).toMatchObject({ value: { event: { payload: { item: { body: 'Uno', version: 2 } } } } });
    const waiting = events.next();
    await stage.attendees.leave(guest, show.session.id);
    expect(await waiting).toMatchObject({ done: true });
    const polled = await stage.collaboration.listEvents(by(show.host), show.session.id, { epoch: at!.epoch, offset: 0 }, 100);
    expect(polled.map(({ kind: what }) => what)).toEqual(['event', 'event']);
  });

  it('tells a stale change what is the newest', async () => {
    const { id: itemId } = await add('One');
    await stage.collaboration.edit(show.host, { itemId, version: 1, body: 'Two' });
    const conflict = { ...refused('CONFLICT', 'ITEM_CHANGED'), details: { item: { id: itemId, body: 'Two', version: 2 } } };
    await expect(stage.collaboration.edit(show.host, { itemId, version: 1, body: 'Three' })).rejects.toMatchObject(conflict);
    await expect(stage.collaboration.move(show.host, { itemId, version: 1, after: null })).rejects.toMatchObject(conflict);
    await expect(stage.collaboration.remove(show.host, { itemId, version: 1 })).rejects.toMatchObject(conflict);
    await stage.collaboration.remove(show.host, { itemId, version: 2 });
    await expect(stage.collaboration.edit(show.host, { itemId, version: 3 })).rejects.toMatchObject(NOT_FOUND);
  });

  it('is for who may present; the others read, and strangers find nothing', async () => {
    const { id: itemId } = await add('One');
    const stranger = await stage.user();
    await expect(add('Mine', {}, guest)).rejects.toMatchObject(NOT_ALLOWED);
    await expect(stage.collaboration.edit(guest, { itemId, version: 1, body: 'Mine' })).rejects.toMatchObject(NOT_ALLOWED);
    await expect(stage.pointers.move(guest, { sessionId: show.session.id, x: 0, y: 0, visible: true })).rejects.toMatchObject(NOT_ALLOWED);
    await expect(add('Mine', {}, stranger)).rejects.toMatchObject(NOT_FOUND);
    await expect(stage.collaboration.edit(stranger, { itemId, version: 1, body: 'Mine' })).rejects.toMatchObject(NOT_FOUND);
    await expect(stage.collaboration.list(by(stranger), show.session.id, LIST, null, 10)).rejects.toMatchObject(NOT_FOUND);
    expect(await stage.collaboration.findFor(by(stranger), itemId)).toBeNull();

    await stage.sessions.update(by(show.host), show.session.id, { presenting: 'EVERYONE' });
    await add('Mine', {}, guest);
    expect(await bodies(guest)).toEqual(['One', 'Mine']);
    await stage.sessions.command(by(show.host), show.session.id, 'end');
    await expect(add('Late')).rejects.toMatchObject(refused('FAILED_PRECONDITION', 'SESSION_ENDED'));
    expect(await bodies(guest)).toEqual(['One', 'Mine']);
  });

  it('adds the same once, and no more than a list holds', async () => {
    const [one, again] = await Promise.all([add('One', { clientId: 'c1' }), add('One', { clientId: 'c1' }, show.host, two.there)]);
    expect(again.id).toBe(one.id);
    await expect(add('Two', { clientId: 'c1' })).rejects.toMatchObject(refused('IDEMPOTENCY_CONFLICT', 'CLIENT_ID_REUSED'));
    await two.database.as('system').sql(
      `INSERT INTO collaboration_items (id, session_id, list, position, body)
       SELECT 'itm_' || $1 || n, $1, 'AGENDA', 'z' || n, '' FROM generate_series(1, $2::int) AS n`,
      [show.session.id, MAX_ITEMS - 2],
    );
    await add('The last');
    await expect(add('One too many')).rejects.toMatchObject(refused('FAILED_PRECONDITION', 'LIST_FULL'));
    await expect(add('x', { list: 'NOTES', data: 'x'.repeat(8_191) })).rejects.toMatchObject({ details: { fields: [{ path: 'data' }] } });
    await expect(add('x', { list: 'NOTES', after: one.id })).rejects.toMatchObject({ details: { fields: [{ path: 'afterId' }] } });
  });

  it('spreads a list whose places have become long, and says so', async () => {
    const items = [await add('a'), await add('b'), await add('c')];
    const [a, b, c] = items as [ItemRecord, ItemRecord, ItemRecord];
    await two.database
      .as('system')
      .sql(`UPDATE collaboration_items SET position = $2 WHERE id = $1`, [b.id, `${a.position}${'0'.repeat(63)}1`]);
    await stage.collaboration.move(show.host, { itemId: c.id, version: 1, after: a.id });
    expect(await bodies()).toEqual(['a', 'c', 'b']);
    expect(await projected()).toEqual(['a', 'c', 'b']);
    const places = await stage.collaboration.list(by(show.host), show.session.id, LIST, null, 10);
    expect(places.map(({ position, version }) => [position.length, version])).toEqual([
      [1, 1],
      [1, 2],
      [1, 1],
    ]);
  });

  it(
    'comes to one list for everybody, whatever is done on two instances at once',
    async () => {
      const step = fc.record({
        what: fc.constantFrom('add', 'move', 'edit', 'remove'),
        pick: fc.nat(),
        where: fc.nat(),
        there: fc.boolean(),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 10 }), async (steps) => {
          show = await stage.live();
          const items = [await add('a'), await add('b'), await add('c')];
          const done = await Promise.allSettled(
            steps.map(async ({ what, pick, where, there }) => {
              const { collaboration } = there ? two.there : stage;
              const item = items[pick % 3]!;
              const after = [null, undefined, ...items.map(({ id }) => id)].filter((id) => id !== item.id)[where % 4];
              const wish = { itemId: item.id, version: item.version };
              if (what === 'add') await collaboration.add(show.host, { sessionId: show.session.id, list: LIST, body: `${where}`, after });
              if (what === 'move') await collaboration.move(show.host, { ...wish, after });
              if (what === 'edit') await collaboration.edit(show.host, { ...wish, body: `${where}` });
              if (what === 'remove') await collaboration.remove(show.host, wish);
            }),
          );
          for (const outcome of done) {
            if (outcome.status === 'rejected')
              expect(['ITEM_CHANGED', 'NOT_FOUND', 'INVALID_VALUE']).toContain((outcome.reason as { reason: string }).reason);
          }
          expect(await projected()).toEqual(await bodies());
        }),
        { numRuns: propertyRuns(5) },
      );
    },
    PROPERTY_TIMEOUT_MS,
  );

  it('goes into a copy of the session as it was planned', async () => {
    await add('One', { data: { minutes: 5 } });
    const { id: itemId } = await add('Two');
    await stage.collaboration.edit(show.host, { itemId, version: 1, done: true });
    await add('Said', { list: 'NOTES' });
    const copy = await stage.sessions.duplicate(by(show.host), show.session.id, {});
    const agenda = await stage.collaboration.list(by(show.host), copy.id, LIST, null, 10);
    expect(agenda).toMatchObject([
      { body: 'One', data: { minutes: 5 }, done: false, version: 1, authorId: null },
      { body: 'Two', done: false, version: 1 },
    ]);
    expect(await stage.collaboration.list(by(show.host), copy.id, 'NOTES', null, 10)).toEqual([]);
  });

  it('shows pointers to the others, on every instance, and not to oneself', async () => {
    const { session, host } = show;
    await stage.sessions.update(by(host), session.id, { presenting: 'EVERYONE' });
    const frames = await two.there.pointers.follow(by(guest), session.id, open());
    await stage.pointers.move(guest, { sessionId: session.id, x: 0.5, y: 0.5, visible: true });
    await stage.pointers.move(host, { sessionId: session.id, x: 0.25, y: 1, target: 'slide-3', visible: true });
    const { value: frame } = (await frames.next()) as { value: object[] };
    expect(frame).toMatchObject([{ displayName: 'Host', x: 0.25, y: 1, target: 'slide-3', visible: true }]);
    const waiting = frames.next();
    await stage.attendees.leave(guest, session.id);
    expect(await waiting).toMatchObject({ done: true });
  });
});
