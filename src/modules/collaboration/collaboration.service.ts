import { badInput } from '../../errors/domain-error';
import type { Actor } from '../../lib/actor';
import { digest } from '../../lib/digest';
import type { Ending } from '../../lib/ending';
import { idKind } from '../../lib/ids';
import type { Viewer } from '../../lib/viewer';
import { viewerIds } from '../../lib/viewer';
import type { Json, Position, StreamItem } from '../../realtime/event';
import type { Kernel } from '../../realtime/kernel';
import type { Audience } from '../../realtime/subscription';
import type { RecordingTx } from '../../realtime/unit-of-work';
import type { Attendance, AttendeeRecord } from '../attendees';
import type { SessionRecord, SessionService } from '../sessions';
import { itemChangedMeanwhile, itemClientIdReused, itemNotFound, listFull, notACollaborator } from './collaboration.errors';
import { collaborationStream, itemChanged, itemRemoved } from './collaboration.events';
import { canCollaborate } from './collaboration.policy';
import type { CollaborationList, ItemChanges, ItemPlace, ItemRecord, ItemRepository, ItemSnapshot } from './item.repository';
import { LONGEST_POSITION, positionBetween, positionsOf } from './list-position';

export const itemIds = idKind('itm');

export const MAX_ITEMS = 200;
const MAX_DATA_BYTES = 8_192;

/** After which item one stands; null: first; undefined: last. */
type After = string | null | undefined;

export interface ItemDraft {
  readonly sessionId: string;
  readonly list: CollaborationList;
  readonly body: string;
  readonly data?: unknown;
  readonly after?: After;
  readonly clientId?: string | null;
}

/** The version that the wish was made for: refused when there is another. */
interface ItemWish {
  readonly itemId: string;
  readonly version: number;
}

export interface ItemEdit extends ItemWish {
  readonly body?: string;
  readonly data?: unknown;
  readonly done?: boolean;
}

export interface ItemMove extends ItemWish {
  readonly after?: After;
}

export interface CollaborationServiceDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork' | 'fanOut'>;
  readonly sessions: SessionService;
  readonly attendance: Attendance;
  readonly items: ItemRepository;
}

/** Everybody who may follow sees the same. */
const PRESENT: Audience = { key: 'present', shares: () => true };

/**
 * Lists that the people of a session edit together. Whoever changes something holds the session's stream of them first, so changes go one
 * after the other: places do not collide, and the events tell the changes in the order in which they came to be.
 */
export class CollaborationService {
  constructor(private readonly deps: CollaborationServiceDeps) {}

  /** The same `clientId` from the same attendee is the same item. */
  async add(viewer: Viewer, draft: ItemDraft): Promise<ItemRecord> {
    const { sessionId, list, after, clientId = null } = draft;
    const [body, data] = [draft.body.trim(), dataOf(draft.data)];
    return this.change(viewer, sessionId, async (tx, author) => {
      const clientDigest = clientId === null ? null : digest(JSON.stringify([list, body, data, after ?? null]));
      const twin = clientId === null ? null : await this.deps.items.findByClientId(tx, sessionId, author.id, clientId);
      if (twin !== null && twin.clientDigest !== clientDigest) throw itemClientIdReused();
      if (twin !== null) return twin;
      const position = await this.positionAfter(tx, sessionId, list, after, null);
      const names = { authorId: author.id, authorName: author.displayName };
      const item = { id: itemIds.create(), sessionId, list, position, body, data, ...names, clientId, clientDigest };
      return this.changed(tx, await this.deps.items.insert(tx, item));
    });
  }

  async edit(viewer: Viewer, { itemId, version, body, data, done }: ItemEdit): Promise<ItemRecord> {
    const changes: ItemChanges = { body: body?.trim(), data: data === undefined ? undefined : dataOf(data), done };
    return this.changeItem(viewer, itemId, version, (tx) => this.updated(tx, itemId, changes));
  }

  /** Behind another item of its list, or to its beginning or end. */
  async move(viewer: Viewer, { itemId, version, after }: ItemMove): Promise<ItemRecord> {
    return this.changeItem(viewer, itemId, version, async (tx, { sessionId, list }) => {
      if (after === itemId) throw badInput('afterId', 'must be another item');
      return this.updated(tx, itemId, { position: await this.positionAfter(tx, sessionId, list, after, itemId) });
    });
  }

  async remove(viewer: Viewer, { itemId, version }: ItemWish): Promise<ItemRecord> {
    return this.changeItem(viewer, itemId, version, async (tx, item) => {
      await this.deps.items.delete(tx, itemId);
      tx.record(collaborationStream(item.sessionId), itemRemoved.record({ id: itemId, list: item.list }));
      return item;
    });
  }

  /** A list in order, for those who are present and those who look after the session. */
  async list(actor: Actor, sessionId: string, list: CollaborationList, after: ItemPlace | null, limit: number): Promise<ItemRecord[]> {
    await this.deps.attendance.requireStandpoint(actor, sessionId, 'session.followed');
    return this.deps.items.list(this.deps.kernel.database.as(viewerIds(actor.viewer)), sessionId, list, after, limit);
  }

  /** Null when it does not exist or the viewer may not read it. */
  async findFor(actor: Actor, id: string): Promise<ItemRecord | null> {
    const item = itemIds.is(id) ? await this.deps.items.find(this.deps.kernel.database.as(viewerIds(actor.viewer)), id) : null;
    if (item === null) return null;
    return (await this.deps.attendance.findStandpoint(actor, item.sessionId, 'session.followed')) && item;
  }

  async follow(actor: Actor, sessionId: string, after: Position | null, signal: Ending): Promise<AsyncIterableIterator<StreamItem>> {
    const { fanOut } = this.deps.kernel;
    const stream = collaborationStream(sessionId);
    const [mark, { end }] = await Promise.all([fanOut.mark(stream), this.deps.attendance.watch(actor, sessionId, signal)]);
    return fanOut.follow(stream, { after, mark, signal: end, audience: PRESENT });
  }

  async listEvents(actor: Actor, sessionId: string, after: Position | null, first: number): Promise<StreamItem[]> {
    const { attendee } = await this.deps.attendance.requireStandpoint(actor, sessionId, 'session.followed');
    if (attendee !== null) this.deps.attendance.see(attendee);
    return this.deps.kernel.fanOut.page(collaborationStream(sessionId), { after, first });
  }

  /** The agenda as it was planned: nobody's, nothing of it done. */
  async copyAgenda(tx: RecordingTx, source: SessionRecord, copy: SessionRecord): Promise<void> {
    const agenda = await this.deps.items.list(tx, source.id, 'AGENDA', null, MAX_ITEMS);
    for (const { list, position, body, data } of agenda) {
      const nobodys = { authorId: null, authorName: null, clientId: null, clientDigest: null };
      this.changed(
        tx,
        await this.deps.items.insert(tx, { id: itemIds.create(), sessionId: copy.id, list, position, body, data, ...nobodys }),
      );
    }
  }

  private change<T>(viewer: Viewer, sessionId: string, work: (tx: RecordingTx, author: AttendeeRecord) => Promise<T>): Promise<T> {
    const { kernel, attendance, sessions } = this.deps;
    return kernel.unitOfWork.as(viewerIds(viewer)).run(async (tx) => {
      const author = await attendance.require(tx, viewer, sessionId);
      if (!canCollaborate(author, await sessions.requireOpen(tx, sessionId))) throw notACollaborator();
      await tx.lock(collaborationStream(sessionId));
      return work(tx, author);
    });
  }

  /** An item of a session in which the viewer has no place does not exist. */
  private async changeItem(
    viewer: Viewer,
    itemId: string,
    version: number,
    work: (tx: RecordingTx, item: ItemRecord) => Promise<ItemRecord>,
  ): Promise<ItemRecord> {
    const database = this.deps.kernel.database.as(viewerIds(viewer));
    const found = itemIds.is(itemId) ? await this.deps.items.find(database, itemId) : null;
    if (found === null || (await this.deps.attendance.find(database, viewer, found.sessionId)) === null) throw itemNotFound();
    return this.change(viewer, found.sessionId, async (tx) => {
      const item = await this.deps.items.find(tx, itemId);
      if (item === null) throw itemNotFound();
      if (item.version !== version) throw itemChangedMeanwhile(snapshotOf(item));
      return work(tx, item);
    });
  }

  private async updated(tx: RecordingTx, itemId: string, changes: ItemChanges): Promise<ItemRecord> {
    const updated = await this.deps.items.update(tx, itemId, changes);
    if (updated === null) throw itemNotFound();
    return this.changed(tx, updated);
  }

  private changed(tx: RecordingTx, item: ItemRecord): ItemRecord {
    tx.record(collaborationStream(item.sessionId), itemChanged.record({ item: snapshotOf(item) }));
    return item;
  }

  /** Where something goes that stands behind `after`. `moving` is in the list already, and counts for nothing in it. */
  private async positionAfter(
    tx: RecordingTx,
    sessionId: string,
    list: CollaborationList,
    after: After,
    moving: string | null,
  ): Promise<string> {
    const all = await this.deps.items.listPlaces(tx, sessionId, list);
    if (moving === null && all.length >= MAX_ITEMS) throw listFull(MAX_ITEMS);
    const others = all.filter(({ id }) => id !== moving);
    const index = indexAfter(others, after);
    const position = positionBetween(others[index - 1]?.position ?? null, others[index]?.position ?? null);
    return position.length <= LONGEST_POSITION ? position : this.spread(tx, others, index);
  }

  /** Gives all others short places anew, and tells them; answers the place that is left out for the one at the index. */
  private async spread(tx: RecordingTx, others: readonly ItemPlace[], index: number): Promise<string> {
    const positions = positionsOf(others.length + 1);
    const [free = ''] = positions.splice(index, 1);
    for (const [n, { id }] of others.entries()) this.changed(tx, await this.deps.items.place(tx, id, positions[n] ?? ''));
    return free;
  }
}

function indexAfter(others: readonly ItemPlace[], after: After): number {
  if (after === undefined) return others.length;
  if (after === null) return 0;
  const index = others.findIndex(({ id }) => id === after);
  if (index < 0) throw badInput('afterId', 'is not an item of this list');
  return index + 1;
}

function dataOf(data: unknown): Json {
  if (data == null) return null;
  if (Buffer.byteLength(JSON.stringify(data)) > MAX_DATA_BYTES) throw badInput('data', `must have at most ${MAX_DATA_BYTES} bytes as JSON`);
  return data as Json;
}

function snapshotOf({ clientId: _, clientDigest: __, ...item }: ItemRecord): ItemSnapshot {
  return item;
}
