import { createUnionType, Field, ObjectType } from 'type-graphql';
import { DateTime } from '../../graphql/scalars';

@ObjectType({ description: 'A connection that goes on.' })
export class RenewConnectionPayload {
  @Field(() => DateTime, { description: 'When its token expires now.' })
  expiresAt!: Date;
}

@ObjectType({ description: 'The token of this connection expires in a minute or less: `renewConnection` in time, or it is closed 4403.' })
export class ConnectionExpiring {
  @Field(() => DateTime, { description: 'When.' })
  expiresAt!: Date;
}

export const ConnectionEvent = createUnionType({
  name: 'ConnectionEvent',
  description: 'What a client should know of its own connection.',
  types: () => [ConnectionExpiring] as const,
});

export function toRenewConnectionPayload(expiresAt: Date): RenewConnectionPayload {
  return Object.assign(new RenewConnectionPayload(), { expiresAt });
}

export function toConnectionExpiring(expiresAt: Date): ConnectionExpiring {
  return Object.assign(new ConnectionExpiring(), { expiresAt });
}
