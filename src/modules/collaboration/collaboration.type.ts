import { createUnionType, Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { connectionTypes, listCost } from '../../graphql/connection';
import { NodeBase } from '../../graphql/node';
import { DateTime, JsonScalar } from '../../graphql/scalars';
import { Shareable } from '../../graphql/shareable';
import { placeOf, StreamEventBase, StreamOpened, toStreamOpened } from '../../graphql/stream-event';
import type { StreamEvent, StreamItem } from '../../realtime/event';
import { itemChanged, itemRemoved } from './collaboration.events';
import type { ItemSnapshot } from './item.repository';
import { CollaborationList } from './item.repository';
import type { PointerNews } from './pointer-frames';

registerEnumType(CollaborationList, {
  name: 'CollaborationList',
  description: 'A list that the people of a session edit together.',
  valuesConfig: {
    AGENDA: { description: 'What is to be spoken of. It goes into copies of the session.' },
    NOTES: { description: 'What was said, for everybody.' },
    ANNOTATIONS: { description: 'What is drawn or written on what is shown.' },
  },
});

@Shareable<CollaborationItem>(
  'id',
  'sessionId',
  'list',
  'position',
  'body',
  'data',
  'done',
  'version',
  'authorId',
  'authorName',
  'createdAt',
  'updatedAt',
)
@ObjectType({ implements: NodeBase, description: 'One entry of a list that the people of a session edit together.' })
export class CollaborationItem extends NodeBase {
  @Field(() => ID, { description: 'Of which session.' })
  sessionId!: string;

  @Field(() => CollaborationList, { description: 'In which list.' })
  list!: CollaborationList;

  @Field({ description: 'Where it stands: lists are in the order of this text, compared as bytes, then of the id.' })
  position!: string;

  @Field({ description: 'The text, as written.' })
  body!: string;

  @Field(() => JsonScalar, { nullable: true, description: 'What clients keep with it.' })
  data!: unknown;

  @Field({ description: 'Whether it is done with.' })
  done!: boolean;

  @Field(() => Int, { description: 'Raised by each change.' })
  version!: number;

  @Field(() => ID, { nullable: true, description: 'The attendee who added it; null when it came with the copy of a session.' })
  authorId!: string | null;

  @Field(() => String, { nullable: true, description: 'Their name.' })
  authorName!: string | null;

  @Field(() => DateTime, { description: 'When it was added.' })
  createdAt!: Date;

  @Field(() => DateTime, { description: 'When it was last changed.' })
  updatedAt!: Date;
}

export function toItem(item: ItemSnapshot): CollaborationItem {
  return Object.assign(new CollaborationItem(), item);
}

const { EdgeType, ConnectionType } = connectionTypes('CollaborationItem', () => CollaborationItem);

@ObjectType({ description: 'A page of one list, in its order.' })
export class CollaborationItemConnection extends ConnectionType {}

export { EdgeType as CollaborationItemEdge };

@Shareable<CollaborationItemChanged>('cursor', 'at', 'item')
@ObjectType({ implements: StreamEventBase, description: 'An item was added, edited or moved: as it now is.' })
export class CollaborationItemChanged extends StreamEventBase {
  @Field(() => CollaborationItem, { description: 'The item after the change.' })
  item!: CollaborationItem;
}

@Shareable<CollaborationItemRemoved>('cursor', 'at', 'itemId', 'list')
@ObjectType({ implements: StreamEventBase, description: 'An item was taken away.' })
export class CollaborationItemRemoved extends StreamEventBase {
  @Field(() => ID, { description: 'Which one.' })
  itemId!: string;

  @Field(() => CollaborationList, { description: 'From which list.' })
  list!: CollaborationList;
}

export const CollaborationEvent = createUnionType({
  name: 'CollaborationEvent',
  description: 'What becomes of the lists of a session, in order.',
  types: () => [StreamOpened, CollaborationItemChanged, CollaborationItemRemoved] as const,
});

export function toCollaborationEvent(item: StreamItem): typeof CollaborationEvent {
  return item.kind === 'opened' ? toStreamOpened(item) : toItemEvent(item.event);
}

function toItemEvent(event: StreamEvent): CollaborationItemChanged | CollaborationItemRemoved {
  if (itemChanged.is(event)) {
    return Object.assign(new CollaborationItemChanged(), placeOf(event), { item: toItem(itemChanged.read(event).item) });
  }
  const { id: itemId, list } = itemRemoved.read(event);
  return Object.assign(new CollaborationItemRemoved(), placeOf(event), { itemId, list });
}

@ObjectType({ description: 'What a change of an item answers.' })
export class CollaborationItemPayload {
  @Field(() => CollaborationItem, { description: 'The item after the change; as it last was, when it was taken away.' })
  item!: CollaborationItem;
}

export function toItemPayload(item: ItemSnapshot): CollaborationItemPayload {
  return Object.assign(new CollaborationItemPayload(), { item: toItem(item) });
}

@ObjectType({ description: 'What moving a pointer answers.' })
export class MovePointerPayload {
  @Field({ description: 'As it was given.' })
  visible!: boolean;
}

@ObjectType({ description: 'Where somebody points.' })
export class Pointer {
  @Field(() => ID, { description: 'The attendee who points.' })
  attendeeId!: string;

  @Field({ description: 'Their name.' })
  displayName!: string;

  @Field(() => Float, { description: 'From the left, as a part of the width.' })
  x!: number;

  @Field(() => Float, { description: 'From the top, as a part of the height.' })
  y!: number;

  @Field(() => String, { nullable: true, description: 'What it points into.' })
  target!: string | null;

  @Field({ description: 'False: it is gone.' })
  visible!: boolean;
}

/** Few point at a time. */
const USUAL_POINTERS = 20;

@ObjectType({ description: 'The pointers that moved since the frame before, the newest of each.' })
export class PointerFrame {
  @Field(() => [Pointer], { complexity: listCost(USUAL_POINTERS), description: 'At most one of each attendee.' })
  pointers!: Pointer[];
}

export function toFrame(news: readonly PointerNews[]): PointerFrame {
  return Object.assign(new PointerFrame(), { pointers: news.map((pointer) => Object.assign(new Pointer(), pointer)) });
}
