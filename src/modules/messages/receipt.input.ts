import { Field, ID, InputType, registerEnumType } from 'type-graphql';
import { StreamCursor } from '../../graphql/scalars';
import type { Position } from '../../realtime/event';
import { ReceiptState } from './receipt.repository';

registerEnumType(ReceiptState, {
  name: 'ReceiptState',
  description: 'How somebody has a message.',
  valuesConfig: {
    DELIVERED: { description: 'It has come to a device of theirs.' },
    READ: { description: 'They have seen it; so it has come, too.' },
  },
});

@InputType({ description: 'Acknowledges everything in the channel up to and including the cursor.' })
export class AcknowledgeInput {
  @Field(() => ID, { description: 'The channel.' })
  channelId!: string;

  @Field(() => StreamCursor, { description: 'The cursor of an event of this channel.' })
  cursor!: Position;

  @Field(() => ReceiptState, { defaultValue: ReceiptState.READ, description: 'Whether it was read, or has come and no more.' })
  state!: ReceiptState;
}
