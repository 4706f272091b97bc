import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { connectionTypes } from '../../graphql/connection';
import { DateTime } from '../../graphql/scalars';
import { BlockedKind } from './abuse.policy';
import type { BlockRecord } from './block.repository';

registerEnumType(BlockedKind, {
  name: 'BlockedKind',
  description: 'Whom a block keeps out.',
  valuesConfig: {
    USER: { description: 'A user, by id; with all keys of theirs.' },
    GUEST: { description: 'A guest, by the id of the attendee.' },
    KEY: { description: 'An API key, by id.' },
    ADDRESS: { description: 'Whoever comes from a network address without signing in.' },
  },
});

@ObjectType({ description: 'Somebody who is kept out for a while. For administrators of the platform.' })
export class Block {
  @Field(() => ID, { description: 'Of this block; a later one of the same subject has another.' })
  id!: string;

  @Field(() => BlockedKind, { description: 'What `value` is.' })
  kind!: BlockedKind;

  @Field({ description: 'An id, or a network address.' })
  value!: string;

  @Field({ description: 'Why, in words.' })
  reason!: string;

  @Field(() => Int, { description: 'How many blocks came before it in a row: each is longer.' })
  step!: number;

  @Field(() => ID, { nullable: true, description: 'The administrator who blocked; null when it came by itself.' })
  blockedById!: string | null;

  @Field(() => DateTime, { description: 'When it began.' })
  createdAt!: Date;

  @Field(() => DateTime, { description: 'When it ends by itself.' })
  endsAt!: Date;
}

const { ConnectionType } = connectionTypes('Block', () => Block);

@ObjectType({ description: 'A page of blocks.' })
export class BlockConnection extends ConnectionType {}

@ObjectType({ description: 'The block that was made or lifted.' })
export class BlockPayload {
  @Field(() => Block, { description: 'As it is, or as it was.' })
  block!: Block;
}

export function toBlock({ id, kind, value, reason, step, blockedById, createdAt, endsAt }: BlockRecord): Block {
  return Object.assign(new Block(), { id, kind, value, reason, step, blockedById, createdAt, endsAt });
}
