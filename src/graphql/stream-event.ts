import { Field, InterfaceType, ObjectType } from 'type-graphql';
import type { Position, StreamEvent, StreamItem } from '../realtime/event';
import { DateTime, StreamCursor } from './scalars';
import { Shareable } from './shareable';

@InterfaceType('StreamEvent', {
  description: 'Every durable event names its place in its stream; pass it back as `after` to go on from there.',
  resolveType: (value: StreamEventBase) => value.constructor.name,
})
export abstract class StreamEventBase {
  @Field(() => StreamCursor, { description: 'The place of this event: everything up to and including it has been received.' })
  cursor!: Position;

  @Field(() => DateTime, { description: 'When it was committed, by the database clock.' })
  at!: Date;
}

@Shareable<StreamOpened>('cursor', 'at', 'recovered')
@ObjectType({
  implements: StreamEventBase,
  description:
    'Always the first event. `recovered` is true when everything after the given cursor follows; false when it cannot (history trimmed or lost): ' +
    'read the state again, then go on from this cursor. Without a given cursor it is true.',
})
export class StreamOpened extends StreamEventBase {
  @Field({ description: 'Whether nothing between the given cursor and this one is missing.' })
  recovered!: boolean;
}

export function toStreamOpened(item: Extract<StreamItem, { kind: 'opened' }>): StreamOpened {
  return Object.assign(new StreamOpened(), { cursor: item.position, at: item.at, recovered: item.recovered });
}

/** The two fields that every event type shares. */
export function placeOf(event: StreamEvent): { cursor: Position; at: Date } {
  return { cursor: { epoch: event.epoch, offset: event.offset }, at: event.at };
}
