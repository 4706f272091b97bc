import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { connectionTypes } from '../../graphql/connection';
import { NodeBase } from '../../graphql/node';
import { DateTime, JsonScalar } from '../../graphql/scalars';
import type { AuditEntryRecord } from '../audit';

export enum AuditActorKind {
  USER = 'user',
  KEY = 'key',
  GUEST = 'guest',
  ANONYMOUS = 'anonymous',
  SYSTEM = 'system',
}

registerEnumType(AuditActorKind, {
  name: 'AuditActorKind',
  description: 'What kind of somebody did it.',
  valuesConfig: {
    USER: { description: 'A person with an account.' },
    KEY: { description: 'A machine with an API key.' },
    GUEST: { description: 'An attendee without an account.' },
    ANONYMOUS: { description: 'Somebody who was not signed in.' },
    SYSTEM: { description: 'The server, by itself.' },
  },
});

@ObjectType({
  implements: NodeBase,
  description: 'Who did what to which, from where, when. Written with the act itself, and never changed.',
})
export class AuditEntry extends NodeBase {
  @Field(() => DateTime, { description: 'When it happened.' })
  at!: Date;

  @Field({ description: 'What was done, such as `session.ended`. docs/audit.md lists them all.' })
  action!: string;

  @Field(() => ID, { nullable: true, description: 'The organization it concerns; null when it concerns none, or a person alone.' })
  organizationId!: string | null;

  @Field(() => AuditActorKind, { description: 'What kind of somebody did it.' })
  actorKind!: AuditActorKind;

  @Field(() => ID, { nullable: true, description: 'Who did it: a user, an API key or an attendee; null for the anonymous and the server.' })
  actorId!: string | null;

  @Field(() => ID, { nullable: true, description: 'What it was done to.' })
  targetId!: string | null;

  @Field(() => String, { nullable: true, description: 'The network address it was done from.' })
  address!: string | null;

  @Field(() => String, { nullable: true, description: 'The request it was done in, as in `x-request-id` and the logs.' })
  requestId!: string | null;

  @Field(() => JsonScalar, { description: 'More facts by name; never secrets, never what people wrote.' })
  details!: Readonly<Record<string, unknown>>;
}

export function toAuditEntry(record: AuditEntryRecord): AuditEntry {
  return Object.assign(new AuditEntry(), record);
}

const { EdgeType, ConnectionType } = connectionTypes('AuditEntry', () => AuditEntry);

@ObjectType({ description: 'A page of audit entries, newest first.' })
export class AuditEntryConnection extends ConnectionType {}

export { EdgeType as AuditEntryEdge };
