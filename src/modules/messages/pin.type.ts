import { Field, ID, ObjectType } from 'type-graphql';
import { DateTime } from '../../graphql/scalars';
import { Shareable } from '../../graphql/shareable';
import { placeOf, StreamEventBase } from '../../graphql/stream-event';
import type { StreamEvent } from '../../realtime/event';
import { pinChanged } from './message.events';

@Shareable<MessagePinChanged>('cursor', 'at', 'messageId', 'pinnedAt')
@ObjectType({
  implements: StreamEventBase,
  description: 'A message was pinned, or is no longer. A message that is deleted is not pinned either: that is told by its deletion.',
})
export class MessagePinChanged extends StreamEventBase {
  @Field(() => ID, { description: 'The message.' })
  messageId!: string;

  @Field(() => DateTime, { nullable: true, description: 'When it was pinned; null when it no longer is.' })
  pinnedAt!: Date | null;
}

/** Null for an event of another kind. */
export function toPinEvent(event: StreamEvent): MessagePinChanged | null {
  return pinChanged.is(event) ? Object.assign(new MessagePinChanged(), placeOf(event), pinChanged.read(event)) : null;
}
