import { Field, ID, ObjectType } from 'type-graphql';
import type { DomainError } from '../../errors/domain-error';
import type { Broadcasted } from './broadcast.service';
import { Message, toMessage } from './message.type';

@ObjectType({
  description: 'Why a message was not written in one of many channels: what the same mutation for this one would have been refused with.',
})
export class BroadcastRefusal {
  @Field({ description: 'The error code.' })
  code!: string;

  @Field(() => String, { nullable: true, description: 'The reason, where there is more than one for a code.' })
  reason!: string | null;

  @Field({ description: 'The same in words.' })
  message!: string;
}

@ObjectType({ description: 'What became of a broadcast in one channel: a message, or a refusal.' })
export class BroadcastResult {
  @Field(() => ID, { description: 'The channel.' })
  channelId!: string;

  @Field(() => Message, { nullable: true, description: 'The message in this channel.' })
  message!: Message | null;

  @Field(() => BroadcastRefusal, { nullable: true, description: 'Why there is none.' })
  refusal!: BroadcastRefusal | null;
}

@ObjectType({ description: 'What a broadcast answers.' })
export class BroadcastPayload {
  @Field(() => [BroadcastResult], {
    complexity: ({ childComplexity }) => childComplexity,
    description: 'One for each channel, in the order named.',
  })
  results!: BroadcastResult[];
}

export function toBroadcastPayload(results: readonly Broadcasted[]): BroadcastPayload {
  return Object.assign(new BroadcastPayload(), { results: results.map(toResult) });
}

function toResult({ channelId, outcome }: Broadcasted): BroadcastResult {
  const message = outcome.ok ? toMessage(outcome.value) : null;
  return Object.assign(new BroadcastResult(), { channelId, message, refusal: outcome.ok ? null : toRefusal(outcome.error) });
}

function toRefusal({ code, reason, message }: DomainError): BroadcastRefusal {
  return Object.assign(new BroadcastRefusal(), { code, reason: reason ?? null, message });
}
