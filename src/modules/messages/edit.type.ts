import { Field, ObjectType } from 'type-graphql';
import { connectionTypes } from '../../graphql/connection';
import { DateTime } from '../../graphql/scalars';
import type { EditRecord } from './edit.repository';

@ObjectType({ description: 'What a message said before it was edited.' })
export class MessageEdit {
  @Field({ description: 'The text until then.' })
  body!: string;

  @Field(() => DateTime, { description: 'When it was replaced.' })
  editedAt!: Date;
}

const { EdgeType, ConnectionType } = connectionTypes('MessageEdit', () => MessageEdit);

@ObjectType({ description: "A page of a message's earlier texts, oldest first." })
export class MessageEditConnection extends ConnectionType {}

export { EdgeType as MessageEditEdge };

export function toMessageEdit({ body, editedAt }: EditRecord): MessageEdit {
  return Object.assign(new MessageEdit(), { body, editedAt });
}
