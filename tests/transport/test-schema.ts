import { MaxLength, MinLength } from 'class-validator';
import { GraphQLError } from 'graphql';
import { Arg, buildSchemaSync, Ctx, Field, InputType, Int, Mutation, ObjectType, Query, Resolver, Root, Subscription } from 'type-graphql';
import type { GraphQLSchema } from 'graphql';
import { preconditionFailed } from '../../src/errors/domain-error';
import type { Context } from '../../src/graphql/context';
import { DateTime, JsonScalar, StreamCursor } from '../../src/graphql/scalars';
import { SharedSubscription } from '../../src/graphql/shareable';
import type { StreamItem } from '../../src/realtime/event';
import { TestSource } from './test-source';
import { TestStream } from './test-stream';

@InputType()
class NoteInput {
  @Field(() => String)
  @MinLength(1)
  @MaxLength(10)
  title!: string;

  @Field(() => Int, { nullable: true })
  stars?: number;
}

@ObjectType()
class Thing {
  @Field(() => String)
  name!: string;

  @Field(() => Thing)
  inner(): Thing {
    return Object.assign(new Thing(), { name: `${this.name}.` });
  }
}

/** What a test can see and steer from outside. */
export interface Stage {
  readonly sources: TestSource[];
  readonly contexts: Context[];
  readonly stream: TestStream;
  /** Times that an item of the stream was rendered. */
  rendered: number;
  written: number;
  release: () => void;
}

export const SECRET = 'canary-7f3a';

@Resolver()
class StageResolver {
  constructor(readonly stage: Stage) {}

  @Query(() => String)
  hello(@Ctx() context: Context): string {
    this.stage.contexts.push(context);
    return `hello ${context.viewer.kind}`;
  }

  @Query(() => Thing)
  thing(): Thing {
    return Object.assign(new Thing(), { name: 'thing' });
  }

  @Query(() => String)
  echo(
    @Arg('text', () => String, { nullable: true }) text: string | undefined,
    @Arg('json', () => JsonScalar, { nullable: true }) json: unknown,
    @Arg('at', () => DateTime, { nullable: true }) at: Date | undefined,
    @Arg('cursor', () => StreamCursor, { nullable: true }) cursor: unknown,
    @Arg('number', () => Int, { defaultValue: 1 }) number: number,
  ): string {
    return [text, JSON.stringify(json), at?.toISOString(), JSON.stringify(cursor), number].join('|');
  }

  @Query(() => String)
  broken(): string {
    throw new Error(`connection to ${SECRET} failed`);
  }

  @Query(() => String)
  refusedByLibrary(): string {
    throw new GraphQLError(`inner ${SECRET}`, { extensions: { code: 'SOMETHING_ELSE' } });
  }

  @Query(() => String)
  tooEarly(): string {
    throw preconditionFailed('SESSION_NOT_LIVE', 'The session is not live.');
  }

  @Query(() => String)
  async never(@Ctx() context: Context): Promise<string> {
    this.stage.contexts.push(context);
    return new Promise((resolve) => {
      this.stage.release = () => resolve('released');
    });
  }

  @Mutation(() => String)
  write(@Arg('input', () => NoteInput) input: NoteInput): string {
    this.stage.written += 1;
    return input.title;
  }

  @Subscription(() => String, {
    subscribe: ({ context }: { context: Context }) => stageOf(context).open(context),
  })
  ticks(@Root() tick: number, @Arg('width', () => Int, { defaultValue: 0 }) width: number, @Ctx() context: Context): string {
    this.stage.contexts.push(context);
    return `tick ${tick}`.padEnd(width);
  }

  @SharedSubscription()
  @Subscription(() => String, {
    subscribe: ({ context }: { context: Context }) => stageOf(context).stage.stream.follow(context.signal),
  })
  sharedTicks(@Root() item: StreamItem, @Arg('width', () => Int, { defaultValue: 0 }) width: number): string {
    this.stage.rendered += 1;
    return item.kind === 'opened' ? `opened at ${item.position.offset}` : `tick ${item.event.offset}`.padEnd(width);
  }

  @Subscription(() => String, {
    subscribe: () => {
      throw preconditionFailed('SESSION_NOT_LIVE', 'The session is not live.');
    },
  })
  closedTicks(): string {
    return 'never';
  }

  open(context: Context): TestSource {
    const source = new TestSource(context);
    this.stage.sources.push(source);
    return source;
  }
}

function stageOf(context: Context): StageResolver {
  return context.resolverOf(StageResolver);
}

export function createStage(): { stage: Stage; schema: GraphQLSchema; resolverOf: Context['resolverOf'] } {
  const stage: Stage = { sources: [], contexts: [], stream: new TestStream(), rendered: 0, written: 0, release: () => undefined };
  const resolver = new StageResolver(stage);
  const resolverOf = <R>(): R => resolver as R;
  const schema = buildSchemaSync({
    resolvers: [StageResolver],
    container: { get: () => resolver },
    pubSub: { publish: () => undefined, subscribe: () => resolver.open({} as Context) },
    validate: { forbidUnknownValues: false, validationError: { target: false, value: false } },
  });
  return { stage, schema, resolverOf };
}
