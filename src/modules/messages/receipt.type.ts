import { Field, ID, Int, ObjectType } from 'type-graphql';
import { connectionTypes, listCost } from '../../graphql/connection';
import { StreamCursor } from '../../graphql/scalars';
import type { Position } from '../../realtime/event';
import { Sender, toSender } from '../channels';
import { MAX_MARKERS } from './receipt-reader';
import type { MarkersMoved } from './receipt.events';
import type { Marker } from './receipt.repository';

@ObjectType({ description: 'How far the caller has acknowledged a channel.' })
export class AcknowledgePayload {
  @Field(() => StreamCursor, { description: 'Everything up to and including this place is acknowledged, as was said; never moves back.' })
  cursor!: Position;

  @Field(() => Int, { description: 'Messages of others after what was read.' })
  unreadCount!: number;
}

@ObjectType({ description: 'How far somebody has come in a channel. Neither place ever moves back.' })
export class ReaderPosition {
  @Field(() => Sender, { description: 'Who.' })
  reader!: Sender;

  @Field(() => StreamCursor, { description: 'Everything up to and including this place has come to them.' })
  delivered!: Position;

  @Field(() => StreamCursor, { nullable: true, description: 'Everything up to and including this place was read; null while nothing was.' })
  read!: Position | null;
}

export function toReaderPosition(epoch: string, marker: Marker): ReaderPosition {
  return Object.assign(new ReaderPosition(), {
    reader: readerOf(marker),
    delivered: { epoch, offset: marker.delivered },
    read: marker.read === 0 ? null : { epoch, offset: marker.read },
  });
}

const positions = connectionTypes('ReaderPosition', () => ReaderPosition);
export const ReaderPositionEdge = positions.EdgeType;

@ObjectType({ description: 'A page of the readers of a channel, in no order that means anything.' })
export class ReaderPositionConnection extends positions.ConnectionType {}

@ObjectType({ description: 'One to whom a message has come.' })
export class Receipt {
  @Field(() => Sender, { description: 'Who.' })
  recipient!: Sender;

  @Field({ description: 'Whether they have read it.' })
  read!: boolean;
}

export function toReceipt(offset: number, marker: Marker): Receipt {
  return Object.assign(new Receipt(), { recipient: readerOf(marker), read: marker.read >= offset });
}

const receipts = connectionTypes('Receipt', () => Receipt);
export const ReceiptEdge = receipts.EdgeType;

@ObjectType({ description: 'To whom a message has come.' })
export class ReceiptConnection extends receipts.ConnectionType {
  @Field(() => Int, { description: 'To how many it has come, who wrote it not counted.' })
  deliveredCount!: number;

  @Field(() => Int, { description: 'How many of them have read it.' })
  readCount!: number;
}

@ObjectType({
  description: 'Readers of a channel came further. State, not history: only the newest of each reader matters, and no cursor is needed.',
})
export class ReceiptsMoved {
  @Field(() => ID, { description: 'The channel.' })
  channelId!: string;

  @Field(() => [ReaderPosition], {
    complexity: listCost(MAX_MARKERS),
    description: 'Where they stand now; at most 100 of them, the others follow.',
  })
  readers!: ReaderPosition[];
}

export function toReceiptsMoved(channelId: string, { epoch, markers }: MarkersMoved): ReceiptsMoved {
  return Object.assign(new ReceiptsMoved(), { channelId, readers: markers.map((marker) => toReaderPosition(epoch, marker)) });
}

function readerOf({ participantId, displayName }: Marker): Sender {
  return toSender({ id: participantId, displayName });
}
