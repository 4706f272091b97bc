import { Field, ObjectType } from 'type-graphql';
import { DateTime } from '../../graphql/scalars';
import type { IdentityRecord } from './identity.repository';

@ObjectType({ description: "An account at a provider that opens the caller's own." })
export class LinkedIdentity {
  @Field({ description: 'The name of the provider, such as `google`.' })
  provider!: string;

  @Field(() => String, { nullable: true, description: 'The address it had there when it was linked.' })
  email!: string | null;

  @Field(() => DateTime, { description: 'When it was linked.' })
  linkedAt!: Date;
}

export function toLinkedIdentity({ provider, email, createdAt }: IdentityRecord): LinkedIdentity {
  return Object.assign(new LinkedIdentity(), { provider, email, linkedAt: createdAt });
}
