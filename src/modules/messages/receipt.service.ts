import { badInput } from '../../errors/domain-error';
import type { Ending } from '../../lib/ending';
import type { Viewer } from '../../lib/viewer';
import { viewerIds } from '../../lib/viewer';
import type { Db } from '../../persistence/database';
import type { Position } from '../../realtime/event';
import { failed, GroupCommit, succeeded } from '../../realtime/group-commit';
import type { Outcome } from '../../realtime/group-commit';
import type { Kernel } from '../../realtime/kernel';
import type { RecordingTx } from '../../realtime/unit-of-work';
import type { ChannelAccess, ChannelPlace, KnownChannel } from '../channels';
import { channelNotFound, channelStream } from '../channels';
import type { MentionRepository } from './mention.repository';
import { MAX_UNREAD } from './message.repository';
import type { MessageRepository, MessageSnapshot } from './message.repository';
import { ReceiptReader } from './receipt-reader';
import { markersMoved, receiptsStream } from './receipt.events';
import type { MarkersMoved } from './receipt.events';
import { ReceiptState } from './receipt.repository';
import type { Marker, MarkerMove, MarkerPage, ReceiptCounts, ReceiptRepository } from './receipt.repository';

const MAX_BATCH = 256;

export interface Acknowledgement {
  readonly channelId: string;
  readonly cursor: Position;
  readonly state?: ReceiptState;
}

export interface Acknowledged {
  readonly cursor: Position;
  readonly unreadCount: number;
}

/** Of a place in this epoch of the channel's stream. */
type Move = MarkerMove & { readonly epoch: string };

type SentMessage = Pick<MessageSnapshot, 'channelId' | 'offset' | 'senderId'>;

export interface ReceiptServiceDeps {
  readonly kernel: Pick<Kernel, 'database' | 'log' | 'unitOfWork' | 'fanOut'>;
  readonly access: ChannelAccess;
  readonly messages: MessageRepository;
  readonly mentions: MentionRepository;
  readonly receipts: ReceiptRepository;
}

/** How far each reader of a channel has come (docs/decisions/0035): a place for each, never a row for a message. */
export class ReceiptService {
  private readonly moving: GroupCommit<Move, Marker>;

  constructor(private readonly deps: ReceiptServiceDeps) {
    this.moving = new GroupCommit(deps.kernel.unitOfWork, {
      maxBatch: MAX_BATCH,
      write: (tx, channelId, moves) => this.writeMoves(tx, channelId, moves),
    });
  }

  /** Moves the viewer's marker, never back and never beyond what was written. Whoever does so at once in one channel shares a transaction. */
  async acknowledge(viewer: Viewer, { channelId, cursor, state = ReceiptState.READ }: Acknowledgement): Promise<Acknowledged> {
    const { participant } = await this.deps.access.require(this.databaseFor(viewer), viewer, channelId, 'read');
    const { epoch, head } = await this.deps.kernel.log.open(channelStream(channelId));
    if (cursor.epoch !== epoch) throw badInput('cursor', 'is not a cursor of this channel');
    const offset = Math.min(cursor.offset, head);
    const isRead = state === ReceiptState.READ;
    const marker = await this.moving.submit(channelId, { epoch, participant, delivered: offset, read: isRead ? offset : 0 });
    return {
      cursor: { epoch, offset: isRead ? marker.read : marker.delivered },
      unreadCount: await this.deps.messages.countUnread(this.databaseFor(viewer), channelId, participant.id),
    };
  }

  async countUnread(viewer: Viewer, channel: KnownChannel): Promise<number> {
    const place = await this.findPlace(viewer, channel);
    return place === null ? 0 : this.deps.messages.countUnread(this.databaseFor(viewer), channel.id, place.participant.id);
  }

  async countUnreadMentions(viewer: Viewer, channel: KnownChannel): Promise<number> {
    const place = await this.findPlace(viewer, channel);
    return place === null ? 0 : this.deps.mentions.countUnread(this.databaseFor(viewer), channel.id, place.participant.id, MAX_UNREAD);
  }

  /** For those who write in the channel; null for others. */
  async list(viewer: Viewer, channelId: string, page: MarkerPage): Promise<MarkersMoved | null> {
    const database = this.databaseFor(viewer);
    if ((await this.deps.access.find(database, viewer, channelId, 'speak')) === null) return null;
    const [{ epoch }, markers] = await Promise.all([
      this.deps.kernel.log.open(channelStream(channelId)),
      this.deps.receipts.list(database, channelId, page),
    ]);
    return { epoch, markers };
  }

  /** To whom a message has come, for who wrote it while they read the channel; null for others. */
  async listOf(viewer: Viewer, message: SentMessage, page: MarkerPage): Promise<readonly Marker[] | null> {
    const database = this.databaseFor(viewer);
    const place = await this.deps.access.find(database, viewer, message.channelId, 'read');
    if (place?.participant.id !== message.senderId) return null;
    return this.deps.receipts.listReached(database, message.channelId, message.offset, message.senderId, page);
  }

  /** Asked of a message that `listOf` answers for. */
  count(viewer: Viewer, { channelId, offset, senderId }: SentMessage): Promise<ReceiptCounts> {
    return this.deps.receipts.countReached(this.databaseFor(viewer), channelId, offset, senderId);
  }

  /** For those who write in the channel, until they may not. */
  async follow(viewer: Viewer, channelId: string, signal: Ending): Promise<ReceiptReader> {
    const { access, kernel } = this.deps;
    const { end } = await access.follow(this.databaseFor(viewer), viewer, channelId, signal, 'speak');
    return new ReceiptReader(await kernel.fanOut.follow(receiptsStream(channelId), { signal: end }));
  }

  private async writeMoves(tx: RecordingTx, channelId: string, moves: readonly Move[]): Promise<Outcome<Marker>[]> {
    const { receipts } = this.deps;
    const [moved, markers] = await Promise.all([
      receipts.move(tx, channelId, moves),
      receipts.listOf(
        tx,
        channelId,
        moves.map(({ participant }) => participant.id),
      ),
    ]);
    const epoch = moves.at(-1)?.epoch;
    if (moved.length > 0 && epoch !== undefined) tx.record(receiptsStream(channelId), markersMoved.record({ epoch, markers: moved }));
    const byId = new Map(markers.map((marker) => [marker.participantId, marker]));
    return moves.map(({ participant }) => {
      const marker = byId.get(participant.id);
      return marker === undefined ? failed(channelNotFound()) : succeeded(marker);
    });
  }

  private async findPlace(viewer: Viewer, { id, place }: KnownChannel): Promise<ChannelPlace | null> {
    return place ?? (await this.deps.access.find(this.databaseFor(viewer), viewer, id, 'view'));
  }

  private databaseFor(viewer: Viewer): Db {
    return this.deps.kernel.database.as(viewerIds(viewer));
  }
}
