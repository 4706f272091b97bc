import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { ContentRule, LinkPolicy } from './content-policy.repository';
import type { ContentPolicyRecord } from './content-policy.repository';

registerEnumType(LinkPolicy, {
  name: 'LinkPolicy',
  description: 'What becomes of a text that links to a host that is not allowed.',
  valuesConfig: {
    ALLOW: { description: 'Nothing: every host is allowed.' },
    HOLD: { description: 'A question waits for approval; a message passes.' },
    REFUSE: { description: 'It is refused.' },
  },
});

registerEnumType(ContentRule, {
  name: 'ContentRule',
  description: 'By which rule of a content policy something was held or refused.',
  valuesConfig: {
    WORDS: { description: 'It holds words that are not wanted.' },
    LINKS: { description: 'It links to where it may not.' },
  },
});

@ObjectType({
  description: 'What an organization lets be written in its sessions and channels. For who runs it: others are not shown what to avoid.',
})
export class ContentPolicy {
  @Field(() => [String], { description: 'Words that are refused, however they are dressed up.' })
  refusedWords!: string[];

  @Field(() => [String], { description: 'Words with which a question is held until a moderator approves it.' })
  heldWords!: string[];

  @Field(() => LinkPolicy, { description: 'What becomes of what links elsewhere.' })
  links!: LinkPolicy;

  @Field(() => [String], { description: 'Hosts to which, and below which, one may link all the same.' })
  allowedHosts!: string[];
}

export function toContentPolicy({ refusedWords, heldWords, links, allowedHosts }: ContentPolicyRecord): ContentPolicy {
  return Object.assign(new ContentPolicy(), { refusedWords, heldWords, links, allowedHosts });
}

@ObjectType({ description: 'What setting a content policy answers.' })
export class ContentPolicyPayload {
  @Field(() => ContentPolicy, { description: 'The policy after the change.' })
  contentPolicy!: ContentPolicy;
}

export function toContentPolicyPayload(record: ContentPolicyRecord): ContentPolicyPayload {
  return Object.assign(new ContentPolicyPayload(), { contentPolicy: toContentPolicy(record) });
}
