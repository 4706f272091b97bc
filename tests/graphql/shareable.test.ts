import type { GraphQLSchema } from 'graphql';
import { parse, specifiedRules, validate } from 'graphql';
import { Arg, buildSchemaSync, Field, ID, InterfaceType, ObjectType, Query, Resolver, Subscription } from 'type-graphql';
import { buildParleySchema } from '../../src/app/schema';
import { StreamCursor } from '../../src/graphql/scalars';
import type { Sharing } from '../../src/graphql/shareable';
import { Shareable, SharedSubscription, shareKey, sharingOf } from '../../src/graphql/shareable';
import type { Position } from '../../src/realtime/event';

function sharing(schema: GraphQLSchema, text: string): Sharing | null {
  const document = parse(text);
  expect(validate(schema, document, specifiedRules)).toEqual([]);
  return sharingOf(schema, document);
}

describe('in the schema', () => {
  const { schema } = buildParleySchema();
  const follow = (selection: string): string =>
    `subscription ($id: ID!, $after: StreamCursor) { channelEvents(channelId: $id, after: $after) { ${selection} } }`;

  test.each([
    [
      'every event type in full',
      '... on MessageAdded { cursor at message { id channelId sender { id displayName } body replyToId createdAt editedAt deletedAt pinnedAt } }',
    ],
    ['the interface of all events', '... on StreamEvent { cursor at }'],
    ['__typename everywhere', '__typename ... on StreamEvent { __typename } ... on MessageEdited { message { __typename } }'],
    ['what reactions come to', '... on ReactionsChanged { cursor at messageId reactions { emoji count } }'],
    ['what is pinned', '... on MessagePinChanged { cursor messageId pinnedAt }'],
    ['aliases', 'kind: __typename ... on MessageDeleted { place: cursor gone: message { text: body } }'],
    ['nested inline fragments', '... { ... on MessageAdded { ... { message { ... on Node { id } ... on Message { body } } } } }'],
    ['literal directives', '... on StreamOpened { recovered @include(if: true) at @skip(if: false) }'],
  ])('%s can be shared', (_what, selection) => {
    expect(sharing(schema, follow(selection))).not.toBeNull();
  });

  test('named fragments can be shared, wherever they stand', () => {
    const operation = follow('...Events');
    const fragments =
      'fragment Events on ChannelEvent { ...Place ... on MessageAdded { message { ...Text } } } fragment Place on StreamEvent { cursor } fragment Text on Message { body sender { ...Who } } fragment Who on Sender { displayName }';
    expect(sharing(schema, `${operation} ${fragments}`)).toMatchObject({ cursors: new Set(['after']) });
    expect(sharing(schema, `${fragments} ${operation}`)).toMatchObject({ cursors: new Set(['after']) });
  });

  test.each([
    ['own reactions', '... on ReactionsChanged { reactions { emoji viewerReacted } }'],
    ['what is looked up for each', '... on MessageAdded { message { id replyCount } }'],
  ])('%s cannot be shared', (_what, selection) => {
    expect(sharing(schema, follow(selection))).toBeNull();
  });

  test('a field that depends on the viewer makes the whole document personal', () => {
    const personal = 'subscription ($id: ID!) { sessionEvents(sessionId: $id) { ... on QuestionChanged { question { id viewerVote } } } }';
    expect(sharing(schema, personal)).toBeNull();
    expect(
      sharing(
        schema,
        `subscription A($id: ID!) { channelEvents(channelId: $id) { __typename } } ${personal.replace('subscription', 'subscription B')}`,
      ),
    ).toBeNull();
  });

  test('no subscription that answers each viewer differently can be shared', () => {
    for (const text of [
      'subscription ($id: ID!) { signals(sessionId: $id) { __typename } }',
      'subscription ($id: ID!) { typing(channelId: $id) { typing } }',
    ]) {
      expect(sharing(schema, text)).toBeNull();
    }
  });

  test('queries and mutations cannot be shared, not even beside a subscription that can', () => {
    expect(sharing(schema, '{ viewer { email } }')).toBeNull();
    expect(
      sharing(schema, `query Q { __typename viewer { email } } ${follow('__typename').replace('subscription', 'subscription S')}`),
    ).toBeNull();
  });

  test('every field that is declared shareable exists', () => {
    for (const type of Object.values(schema.getTypeMap())) {
      const fields = type.extensions.shareable;
      if (fields === undefined) continue;
      expect('getFields' in type && Object.keys(type.getFields())).toEqual(expect.arrayContaining(fields as string[]));
    }
  });

  test('fields that depend on the viewer are not declared shareable', () => {
    const personal = ['viewer', 'viewerVote', 'viewerAttendee', 'unreadCount'];
    for (const type of Object.values(schema.getTypeMap())) {
      expect((type.extensions.shareable as string[] | undefined)?.filter((name) => personal.includes(name)) ?? []).toEqual([]);
    }
  });
});

describe('cursor variables', () => {
  @InterfaceType({ resolveType: () => 'Tick' })
  abstract class Event {
    @Field(() => StreamCursor)
    cursor!: Position;
  }

  @Shareable<Tick>('cursor', 'seen')
  @ObjectType({ implements: Event })
  class Tick extends Event {
    @Field()
    seen(@Arg('since', () => StreamCursor, { nullable: true }) since?: Position): string {
      return since === undefined ? 'all' : `since ${since.offset}`;
    }

    @Field()
    undeclared!: string;
  }

  @ObjectType({ implements: Event })
  class Tock extends Event {}

  @Resolver()
  class TickResolver {
    @Query()
    ok(): boolean {
      return true;
    }

    @SharedSubscription()
    @Subscription(() => Tick, { topics: 'ticks' })
    ticks(@Arg('id', () => ID) _id: string, @Arg('after', () => StreamCursor, { nullable: true }) _after?: Position): Tick {
      return new Tick();
    }

    @SharedSubscription()
    @Subscription(() => Event, { topics: 'ticks' })
    events(): Event {
      return new Tick();
    }

    @Subscription(() => Tick, { topics: 'ticks' })
    mine(): Tick {
      return new Tick();
    }
  }

  const schema = buildSchemaSync({
    resolvers: [TickResolver],
    orphanedTypes: [Tock],
    pubSub: {
      publish: () => undefined,
      subscribe: () => ({ [Symbol.asyncIterator]: () => ({ next: async () => ({ value: 1, done: true }) }) }) as never,
    },
  });

  test.each([
    ['the subscription field alone', 'subscription ($a: StreamCursor) { ticks(id: 1, after: $a) { cursor seen } }', true],
    ['no field at all', 'subscription { ticks(id: 1) { cursor } }', true],
    ['a field below', 'subscription ($a: StreamCursor) { ticks(id: 1, after: $a) { seen(since: $a) } }', false],
    [
      'a fragment after the operation',
      'subscription ($a: StreamCursor) { ticks(id: 1, after: $a) { ...F } } fragment F on Tick { seen(since: $a) }',
      false,
    ],
    [
      'a fragment before the operation',
      'fragment F on Tick { seen(since: $a) } subscription ($a: StreamCursor) { ticks(id: 1, after: $a) { ...F } }',
      false,
    ],
  ])('used by %s', (_where, text, shareable) => {
    expect(sharing(schema, text) !== null).toBe(shareable);
  });

  test('of one operation are not mistaken for those of another that stands before it', () => {
    const flag = 'subscription B($x: Boolean!) { ticks(id: 1) { seen @include(if: $x) cursor } }';
    const cursor = 'subscription A($x: StreamCursor) { ticks(id: 1, after: $x) { cursor } }';
    expect(sharing(schema, `${flag} ${cursor}`)).toBeNull();
    expect(sharing(schema, `${cursor} ${flag}`)).toBeNull();
    expect(sharing(schema, flag)).not.toBeNull();
  });

  test.each([
    ['a field that was not declared', 'subscription { ticks(id: 1) { undeclared } }'],
    ['one behind an alias', 'subscription { ticks(id: 1) { cursor: undeclared } }'],
    ['a field of an interface that one of its types here does not declare', 'subscription { events { cursor } }'],
    ['one in a fragment', 'fragment F on Event { cursor } subscription { events { ...F } }'],
    [
      'one in a fragment that another operation uses elsewhere',
      'subscription A { ticks(id: 1) { ...F } } fragment F on Event { cursor } subscription B { events { ...F } }',
    ],
    ['a subscription that was not declared', 'subscription { mine { cursor } }'],
  ])('%s cannot be shared', (_what, text) => {
    expect(sharing(schema, text)).toBeNull();
  });

  test('a field of an interface can be shared where only types occur that declare it', () => {
    expect(sharing(schema, 'subscription { ticks(id: 1) { ... on Event { cursor } } }')).not.toBeNull();
    expect(sharing(schema, 'fragment F on Event { cursor } subscription { ticks(id: 1) { ...F } }')).not.toBeNull();
  });

  test('operations are equal that differ in nothing but their cursors', () => {
    const text = 'subscription S($id: ID!, $a: StreamCursor) { ticks(id: $id, after: $a) { cursor } }';
    const known = sharing(schema, text);
    if (known === null) throw new Error('it is shareable');
    const keyOf = (variables: Record<string, unknown>, name = 'S'): string => shareKey(known, name, variables);
    expect(keyOf({ id: '1', a: 'x.1' })).toBe(keyOf({ a: 'x.2', id: '1' }));
    expect(keyOf({ id: '1' })).toBe(keyOf({ id: '1', a: null }));
    expect(keyOf({ id: '1' })).not.toBe(keyOf({ id: '2' }));
    expect(keyOf({ id: '1' })).not.toBe(keyOf({ id: '1', b: '1' }));
    expect(keyOf({ id: '1' })).not.toBe(keyOf({ id: 1 }));
    expect(keyOf({ id: '1' })).not.toBe(keyOf({ id: '1' }, 'T'));
  });

  test('two documents are never equal, whatever their text', () => {
    const text = 'subscription { ticks(id: 1) { cursor } }';
    const [one, two] = [sharing(schema, text), sharing(schema, text)];
    expect(one?.id).not.toBe(two?.id);
  });
});
