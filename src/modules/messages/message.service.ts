import { isDeepStrictEqual } from 'node:util';
import type { DomainError } from '../../errors/domain-error';
import { notFound, unauthenticated } from '../../errors/domain-error';
import { RATE_RULES } from '../../graphql/rate-rules';
import type { Ending } from '../../lib/ending';
import { viewerIds } from '../../lib/viewer';
import type { Viewer } from '../../lib/viewer';
import type { Db, Tx } from '../../persistence/database';
import type { Position, StreamItem } from '../../realtime/event';
import { failed, GroupCommit } from '../../realtime/group-commit';
import type { Outcome } from '../../realtime/group-commit';
import type { Kernel } from '../../realtime/kernel';
import type { RateRule } from '../../realtime/rate-limiter';
import type { Audience } from '../../realtime/subscription';
import type { RecordingTx } from '../../realtime/unit-of-work';
import type { ChannelAccess, ChannelPlace, ChannelRight, KnownChannel, Participant } from '../channels';
import { channelStream, participantIdOf } from '../channels';
import type { ContentScreen } from '../content-policy';
import { contentRefused } from '../content-policy';
import type { EditRepository } from './edit.repository';
import type { MentionRepository } from './mention.repository';
import { messageIds, planBatch } from './message-batch';
import type { Content, Submission } from './message-batch';
import { mayNotDelete, mentionsNobody, messageDeletedAlready, messageNotFound, notTheSender, tooManyMessages } from './message.errors';
import { messageAdded, messageDeleted, messageEdited, snapshotOf } from './message.events';
import type { HistoryRange, MessageRecord, MessageRepository, MessageSnapshot, ReadMark } from './message.repository';
import type { ReactionRepository } from './reaction.repository';
import { Turns } from './slow-mode';
import type { TurnRepository } from './turn.repository';

const MAX_BATCH = 256;
/** Everyone who may read a channel reads the same. */
const READERS: Audience = { key: 'readers' };

export interface MessageDraft {
  readonly channelId: string;
  readonly body: string;
  readonly replyToId?: string | null;
  readonly mentionIds?: readonly string[] | null;
  readonly clientId?: string | null;
}

interface Request {
  readonly viewer: Viewer;
  readonly senderId: string;
  readonly content: Content;
  readonly clientId: string | null;
  /** By the content policy. */
  readonly refusal: DomainError | null;
}

export interface MessageServiceDeps {
  readonly kernel: Pick<Kernel, 'database' | 'log' | 'unitOfWork' | 'fanOut' | 'rateLimiter'>;
  readonly access: ChannelAccess;
  readonly screen: ContentScreen;
  readonly messages: MessageRepository;
  readonly edits: EditRepository;
  readonly mentions: MentionRepository;
  readonly turns: TurnRepository;
  /** How many messages one sender may write in one channel in a minute; left out: as RATE_RULES says. */
  readonly perMinute?: number;
  readonly reactions: ReactionRepository;
}

export class MessageService {
  private readonly rate: RateRule;
  private readonly sending: GroupCommit<Request, MessageRecord>;

  constructor(private readonly deps: MessageServiceDeps) {
    this.rate = { ...RATE_RULES.message, points: deps.perMinute ?? RATE_RULES.message.points };
    this.sending = new GroupCommit(deps.kernel.unitOfWork, {
      maxBatch: MAX_BATCH,
      actAs: (batch) => [...new Set(batch.flatMap(({ viewer }) => viewerIds(viewer)))],
      write: (tx, channelId, batch) => this.writeBatch(tx, channelId, batch),
    });
  }

  /** Concurrent senders of one channel share a transaction; each is answered after its own message is durable. */
  async send(viewer: Viewer, { channelId, body, replyToId, mentionIds, clientId }: MessageDraft): Promise<MessageRecord> {
    const senderId = participantIdOf(viewer);
    if (senderId === null) throw unauthenticated();
    const decision = await this.deps.kernel.rateLimiter.consume(this.rate, `${channelId}:${senderId}`);
    if (!decision.allowed) throw tooManyMessages(decision.retryAfterMs);
    const refusal = await this.refusalOf(viewer, channelId, body);
    return this.sending.submit(channelId, {
      viewer,
      refusal,
      senderId,
      content: { body, replyToId: replyToId ?? null, mentionIds: eachOnce(mentionIds ?? []) },
      clientId: clientId ?? null,
    });
  }

  /** Whom it mentions stays as it was unless that is given. */
  async edit(viewer: Viewer, messageId: string, body: string, mentionIds?: readonly string[] | null): Promise<MessageRecord> {
    const known = await this.findFor(viewer, messageId);
    const refusal = known && (await this.refusalOf(viewer, known.channelId, body));
    return this.deps.kernel.unitOfWork.as(viewerIds(viewer)).run(async (tx) => {
      const { message, place } = await this.require(tx, viewer, messageId, 'post');
      if (message.senderId !== place.participant.id) throw notTheSender();
      const mentions = mentionIds == null ? message.mentions : await this.requireReaders(tx, place, mentionIds);
      if (message.deletedAt === null && message.body === body && isDeepStrictEqual(message.mentions, mentions)) return message;
      if (refusal !== null && message.body !== body) throw refusal;
      const edited = await this.deps.messages.edit(tx, messageId, { body, mentions });
      if (edited === null) throw messageDeletedAlready();
      const { message: after, before } = edited;
      this.deps.edits.insertAtCommit(tx, messageId, { body: before.body, editedAt: after.editedAt ?? after.createdAt });
      this.deps.mentions.deleteAtCommit(tx, { ...after, mentions: before.mentions });
      this.deps.mentions.insertAtCommit(tx, [after]);
      tx.record(channelStream(after.channelId), messageEdited.record({ message: snapshotOf(after) }));
      return after;
    });
  }

  /** Also after the session is over. Deleting twice is the same as deleting once. */
  async delete(viewer: Viewer, messageId: string): Promise<MessageRecord> {
    return this.deps.kernel.unitOfWork.as(viewerIds(viewer)).run(async (tx) => {
      const { message, place } = await this.require(tx, viewer, messageId, 'read');
      if (message.senderId !== place.participant.id && !place.moderates) throw mayNotDelete();
      const erased = await this.deps.messages.delete(tx, messageId);
      if (erased === null) return { ...message, body: '' };
      const { message: deleted, before } = erased;
      await this.eraseFromLog(tx, deleted);
      this.deps.edits.deleteOfMessageAtCommit(tx, messageId);
      this.deps.reactions.deleteOfMessageAtCommit(tx, messageId);
      this.deps.mentions.deleteAtCommit(tx, { ...deleted, mentions: before.mentions });
      tx.record(channelStream(deleted.channelId), messageDeleted.record({ message: snapshotOf(deleted) }));
      return deleted;
    });
  }

  /** Throws NOT_FOUND where `findFor` finds none. */
  async get(viewer: Viewer, id: string): Promise<MessageRecord> {
    const message = await this.findFor(viewer, id);
    if (message === null) throw messageNotFound();
    return message;
  }

  /** Null when there is none, or the viewer may not read its channel. */
  async findFor(viewer: Viewer, id: string): Promise<MessageRecord | null> {
    const database = this.databaseFor(viewer);
    const message = messageIds.is(id) ? await this.deps.messages.find(database, id) : null;
    return message !== null && (await this.deps.access.find(database, viewer, message.channelId, 'read')) !== null ? message : null;
  }

  /** A message and the viewer's place in its channel, with the right that is asked for. A message whose channel the viewer may not read does not exist for them. */
  async require(tx: Tx, viewer: Viewer, messageId: string, right: ChannelRight): Promise<{ message: MessageRecord; place: ChannelPlace }> {
    const message = messageIds.is(messageId) ? await this.deps.messages.find(tx, messageId) : null;
    if (message === null) throw messageNotFound();
    const decision = await this.deps.access.decide(tx, viewer, message.channelId, right);
    if (decision.ok) return { message, place: decision.value };
    throw decision.error.code === 'NOT_FOUND' ? messageNotFound() : decision.error;
  }

  async listHistory(viewer: Viewer, channel: KnownChannel, range: HistoryRange): Promise<MessageSnapshot[]> {
    const database = this.databaseFor(viewer);
    await this.deps.access.requireReader(database, viewer, channel);
    return this.deps.messages.history(database, channel.id, range);
  }

  /** The channel's events from now on or after a cursor, until the viewer loses the place in it. */
  async follow(viewer: Viewer, channelId: string, after: Position | null, signal: Ending): Promise<AsyncIterableIterator<StreamItem>> {
    const { kernel, access } = this.deps;
    const stream = channelStream(channelId);
    const [mark, { end }] = await Promise.all([
      kernel.fanOut.mark(stream),
      access.follow(this.databaseFor(viewer), viewer, channelId, signal),
    ]);
    return kernel.fanOut.follow(stream, { after, mark, signal: end, audience: READERS });
  }

  async listEvents(viewer: Viewer, channelId: string, after: Position | null, first: number): Promise<StreamItem[]> {
    this.deps.access.see(await this.deps.access.require(this.databaseFor(viewer), viewer, channelId, 'read'));
    return this.deps.kernel.fanOut.page(channelStream(channelId), { after, first });
  }

  private async requireReaders(tx: Tx, { channel }: ChannelPlace, ids: readonly string[]): Promise<readonly Participant[] | null> {
    const asked = eachOnce(ids);
    const mentions = asked && readersOf(asked, await this.deps.access.listReaders(tx, channel, asked));
    if (mentions?.length !== asked?.length) throw mentionsNobody();
    return mentions;
  }

  /** How far these people have acknowledged these channels; left out where nothing was. Decides no rights. */
  listMarkers(db: Db, channelIds: readonly string[], participantIds: readonly string[]): Promise<ReadMark[]> {
    return this.deps.messages.listMarkers(db, channelIds, participantIds);
  }

  /** What a content policy would hold passes: nobody approves messages. */
  private async refusalOf(viewer: Viewer, channelId: string, body: string): Promise<DomainError | null> {
    const channel = await this.deps.access.findChannel(this.databaseFor(viewer), channelId);
    const verdict = channel && (await this.deps.screen.judge(channel.organizationId, body));
    return verdict?.action === 'REFUSE' ? contentRefused('body', verdict.rule) : null;
  }

  private databaseFor(viewer: Viewer): Db {
    return this.deps.kernel.database.as(viewerIds(viewer));
  }

  /**
   * Two round trips, however large the batch: what must be known, and what is written, with COMMIT. The stream's lock comes first.
   * Whoever holds it is the channel's only writer, so client ids need no further guard, the offsets are known before the rows are
   * inserted, and rights are those of after the wait for it.
   */
  private async writeBatch(tx: RecordingTx, channelId: string, batch: readonly Request[]): Promise<Outcome<MessageRecord>[]> {
    const { access, messages } = this.deps;
    const channel = await access.findChannel(tx, channelId);
    if (channel === null) return batch.map(() => failed(notFound('Channel')));
    const stream = channelStream(channelId);
    const viewers = batch.map(({ viewer }) => viewer);
    const [held, places, earlier, parents, readers] = await Promise.all([
      tx.lock(stream),
      access.decideEach(tx, viewers, channel, 'post'),
      this.listEarlier(tx, channelId, batch),
      this.listParents(tx, channelId, batch),
      access.listReaders(tx, channel, [...new Set(batch.flatMap(({ content: { mentionIds } }) => mentionIds ?? []))]),
    ]);
    const submissions = places.flatMap((place, index) => {
      const request = batch[index];
      return place.ok && request !== undefined ? [submissionOf(request, place.value, parents, readers)] : [];
    });
    const turns = await this.turnsOf(tx, channelId, submissions, held.at);
    const { inserts, outcomes } = planBatch(submissions, earlier, { channelId, head: held.offset, at: held.at, turns });
    messages.insertAllAtCommit(tx, inserts);
    this.deps.mentions.insertAtCommit(tx, inserts);
    this.deps.turns.setAtCommit(tx, channelId, turns.senderIds(), held.at);
    tx.record(stream, ...inserts.map((message) => messageAdded.record({ message: snapshotOf(message) })));
    return places.map((place) => (place.ok ? (outcomes.shift() ?? failed(messageNotFound())) : place));
  }

  /** One round trip more, in slow mode alone. */
  private async turnsOf(tx: RecordingTx, channelId: string, submissions: readonly Submission[], at: Date): Promise<Turns> {
    const senderIds = submissions.flatMap(({ sender, waitSeconds }) => (waitSeconds > 0 ? [sender.id] : []));
    return new Turns(senderIds.length === 0 ? new Map() : await this.deps.turns.list(tx, channelId, senderIds), at);
  }

  /** What the batch's client ids stand for already. */
  private async listEarlier(tx: RecordingTx, channelId: string, batch: readonly Request[]): Promise<MessageRecord[]> {
    const keys = batch.flatMap(({ senderId, clientId }) => (clientId === null ? [] : [{ senderId, clientId }]));
    return keys.length === 0 ? [] : this.deps.messages.listByClientIds(tx, channelId, keys);
  }

  /** Which of the messages that the batch answers are there, in this channel. */
  private async listParents(tx: RecordingTx, channelId: string, batch: readonly Request[]): Promise<ReadonlySet<string>> {
    const ids = new Set(batch.flatMap(({ content: { replyToId } }) => (replyToId !== null && messageIds.is(replyToId) ? [replyToId] : [])));
    return new Set(ids.size === 0 ? [] : await this.deps.messages.listIds(tx, channelId, [...ids]));
  }

  /**
   * A deleted text must not come back by replay, so the earlier events of the message lose it in the log as well; their places and
   * their order stay. Only the message's own events are touched: the one of its sending, whose offset it carries, and, when it was
   * edited, those of its edits. Every process forgets its copies when the deletion reaches it (`erasesPast`).
   */
  private async eraseFromLog(tx: Tx, message: MessageRecord): Promise<void> {
    const stream = channelStream(message.channelId);
    const edits = message.editedAt === null ? [] : await this.deps.messages.listEditOffsets(tx, stream, message);
    const erased = messageDeleted.record({ message: snapshotOf(message) }).payload;
    await this.deps.kernel.log.rewrite(tx, stream, [message.offset, ...edits], () => erased);
  }
}

function submissionOf(
  { content, clientId, refusal }: Request,
  { participant, slowModeSeconds }: ChannelPlace,
  parents: ReadonlySet<string>,
  readers: ReadonlyMap<string, Participant>,
): Submission {
  const { replyToId, mentionIds } = content;
  const mentions = mentionIds && readersOf(mentionIds, readers);
  const answersNone = replyToId !== null && !parents.has(replyToId);
  const mentionsOthers = mentions?.length !== mentionIds?.length;
  const reason = answersNone ? messageNotFound() : mentionsOthers ? mentionsNobody() : refusal;
  return { sender: participant, content, mentions, clientId, waitSeconds: slowModeSeconds, refusal: reason };
}

/** In the order of the ids; shorter when some are nobody's. */
function readersOf(ids: readonly string[], readers: ReadonlyMap<string, Participant>): Participant[] {
  return ids.flatMap((id) => readers.get(id) ?? []);
}

function eachOnce(ids: readonly string[]): readonly string[] | null {
  return ids.length === 0 ? null : [...new Set(ids)];
}
