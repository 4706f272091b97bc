import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { connectionTypes } from '../../graphql/connection';
import { DateTime } from '../../graphql/scalars';
import type { ApiKeyRecord } from './api-key.repository';
import { ApiKeyScope } from './api-key.scope';
import type { CreatedApiKey } from './api-key.service';

const reading = (what: string): { description: string } => ({ description: `Read ${what}.` });
const writing = (what: string): { description: string } => ({ description: `Change ${what}. Does not include reading.` });

registerEnumType(ApiKeyScope, {
  name: 'ApiKeyScope',
  description: 'What an API key may do of what its maker may.',
  valuesConfig: {
    SESSIONS_READ: reading('sessions, and follow them'),
    SESSIONS_WRITE: writing('sessions'),
    ATTENDEES_READ: reading('who attends'),
    ATTENDEES_WRITE: writing('who attends'),
    CHANNELS_READ: reading('channels'),
    CHANNELS_WRITE: writing('channels'),
    MESSAGES_READ: reading('messages, and follow them'),
    MESSAGES_WRITE: writing('messages'),
    QUESTIONS_READ: reading('questions, and follow them'),
    QUESTIONS_WRITE: writing('questions'),
    NOTIFICATIONS_WRITE: writing('notifications to members'),
    POLLS_READ: reading('polls, and follow them'),
    POLLS_WRITE: writing('polls'),
    AUDIT_READ: reading('the audit log'),
  },
});

@ObjectType({ description: 'What a machine comes in with, as its organization sees it: never the key itself.' })
export class ApiKey {
  @Field(() => ID, { description: 'Its id, which is also part of the key.' })
  id!: string;

  @Field({ description: 'What it is for.' })
  name!: string;

  @Field(() => [ApiKeyScope], { description: 'What it may do.' })
  scopes!: ApiKeyScope[];

  @Field(() => DateTime, { description: 'When it was made.' })
  createdAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When it was last used, to the minute; null when it never was.' })
  lastUsedAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When it ends by itself, if it does.' })
  expiresAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When it was ended; null while it was not.' })
  revokedAt!: Date | null;

  /** As whom it acts; no field of the schema. */
  makerId!: string;
}

export const { EdgeType: ApiKeyEdge, ConnectionType } = connectionTypes('ApiKey', () => ApiKey);

@ObjectType({ description: "A page of an organization's API keys, newest first." })
export class ApiKeyConnection extends ConnectionType {}

@ObjectType({ description: 'A key that was made. Its secret is told this once.' })
export class CreateApiKeyPayload {
  @Field(() => ApiKey, { description: 'The key, as it is listed.' })
  apiKey!: ApiKey;

  @Field({ description: 'The key itself, to send as `Authorization: Bearer pk_…`. It cannot be read again.' })
  secret!: string;
}

@ObjectType({ description: 'A key that was ended.' })
export class ApiKeyPayload {
  @Field(() => ApiKey, { description: 'The key.' })
  apiKey!: ApiKey;
}

export function toApiKey({ scopes, organizationId: _, ...record }: ApiKeyRecord): ApiKey {
  return Object.assign(new ApiKey(), { ...record, scopes: scopes as ApiKeyScope[] });
}

export function toCreateApiKeyPayload({ apiKey, secret }: CreatedApiKey): CreateApiKeyPayload {
  return Object.assign(new CreateApiKeyPayload(), { apiKey: toApiKey(apiKey), secret });
}

export function toApiKeyPayload(record: ApiKeyRecord): ApiKeyPayload {
  return Object.assign(new ApiKeyPayload(), { apiKey: toApiKey(record) });
}
