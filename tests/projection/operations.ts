import type { GraphQLSchema } from 'graphql';
import { getNamedType, isObjectType, isUnionType } from 'graphql';
import { buildParleySchema } from '../../src/app/schema';
import type { Topic } from './part';
import { PARTS, partsOf } from './parts';

export const schema: GraphQLSchema = buildParleySchema().schema;

/** What a topic's stream is called, by subscription and by polling alike. */
export const STREAMS = {
  session: { field: 'sessionEvents', argument: 'sessionId' },
  channel: { field: 'channelEvents', argument: 'channelId' },
  inbox: { field: 'signals', argument: 'sessionId' },
  collaboration: { field: 'collaborationEvents', argument: 'sessionId' },
} as const satisfies Record<Topic, { field: string; argument: string }>;

/** How many events are polled at once. */
export const PAGE = 100;

export const TALLIES = 'questionTallies';

export function namesOf(root: 'Mutation' | 'Subscription'): string[] {
  const type = root === 'Mutation' ? schema.getMutationType() : schema.getSubscriptionType();
  return Object.keys(type?.getFields() ?? {});
}

/** The types of event that a subscription tells of. */
export function eventsOf(subscription: string): string[] {
  const field = schema.getSubscriptionType()?.getFields()[subscription];
  const type = field && getNamedType(field.type);
  return isUnionType(type) ? type.getTypes().map(({ name }) => name) : type ? [type.name] : [];
}

export function mutationDocument(name: string, select?: string): string {
  const field = schema.getMutationType()?.getFields()[name];
  if (field === undefined) throw new Error(`The schema has no mutation ${name}: take its row out of tests/projection/`);
  const declared = field.args.map((argument) => `$${argument.name}: ${String(argument.type)}`).join(', ');
  const given = field.args.map((argument) => `${argument.name}: $${argument.name}`).join(', ');
  const selection = isObjectType(getNamedType(field.type)) ? `{ ${select ?? '__typename'} }` : '';
  return `mutation ${declared && `(${declared})`} { ${name}${given && `(${given})`} ${selection} }`;
}

/** The state of all parts of a topic, as one query answers it. */
export function stateDocument(topic: Topic): string {
  const selection = partsOf(topic)
    .map((part) => part.selection)
    .join(' ');
  if (topic === 'inbox') return `query ($id: ID!, $after: StreamCursor) { ${selection} }`;
  return `query ($id: ID!) { ${objectOf(topic)}(id: $id) { ${selection} } }`;
}

/** The field of the query that answers the object of a topic. */
export function objectOf(topic: Exclude<Topic, 'inbox'>): string {
  return topic === 'collaboration' ? 'session' : topic;
}

/** With every field that the parts of the topic read. */
export function streamDocument(topic: Topic, operation: 'query' | 'subscription'): string {
  const { field, argument } = STREAMS[topic];
  const selections = partsOf(topic).flatMap(({ events }) =>
    Object.entries(events).flatMap(([type, fields]) => (eventsOf(field).includes(type) ? [`... on ${type} { ${fields} }`] : [])),
  );
  const page = operation === 'query' ? `, first: ${PAGE}` : '';
  return `${operation} ($id: ID!, $after: StreamCursor) {
    ${field}(${argument}: $id, after: $after${page}) { __typename ... on StreamOpened { recovered } ... on StreamEvent { cursor } ${selections.join(' ')} } }`;
}

export function talliesDocument(): string {
  const fields = PARTS.flatMap(({ events }) => events.QuestionTally ?? []);
  return `subscription ($id: ID!) { ${TALLIES}(sessionId: $id) { __typename ${fields.join(' ')} } }`;
}
