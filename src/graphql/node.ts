import { Arg, Ctx, Field, ID, InterfaceType, Query, Resolver } from 'type-graphql';
import { badInput } from '../errors/domain-error';
import { prefixOf } from '../lib/ids';
import { MAX_PAGE_SIZE } from './connection';
import type { Context } from './context';
import type { Estimate } from './cost';

@InterfaceType('Node', {
  description: 'Anything that can be fetched again by its id (Relay Global Object Identification).',
  resolveType: (value: NodeBase) => value.constructor.name,
})
export abstract class NodeBase {
  @Field(() => ID, { description: 'Globally unique, opaque, stable.' })
  id!: string;
}

/** Loads one id for this viewer: null when it does not exist *or* is not theirs to see. */
export type NodeLoader = (id: string, context: Context) => Promise<NodeBase | null>;

/** Each is looked up by itself. */
const idsCost: Estimate = ({ args, childComplexity }) => (Array.isArray(args.ids) ? args.ids.length : 1) * (1 + childComplexity);

/** Which room loads which ids, by id prefix. Filled once by `app/`. */
export type NodeLoaders = Readonly<Record<string, NodeLoader>>;

@Resolver()
export class NodeResolver {
  constructor(private readonly loaders: NodeLoaders) {}

  @Query(() => NodeBase, { nullable: true, description: 'Whatever has this id; null when it does not exist or is not yours to see.' })
  async node(
    @Arg('id', () => ID, { description: 'The id of any object that implements Node.' }) id: string,
    @Ctx() context: Context,
  ): Promise<NodeBase | null> {
    const load = this.loaders[prefixOf(id) ?? ''];
    return load === undefined ? null : load(id, context);
  }

  @Query(() => [NodeBase], {
    nullable: 'items',
    description: 'The same for up to 100 ids; the answers stand in the order of the ids.',
    complexity: idsCost,
  })
  async nodes(
    @Arg('ids', () => [ID], { description: 'At most 100.' }) ids: string[],
    @Ctx() context: Context,
  ): Promise<(NodeBase | null)[]> {
    if (ids.length > MAX_PAGE_SIZE) throw badInput('ids', `may have at most ${MAX_PAGE_SIZE} items`);
    return Promise.all(ids.map((id) => this.node(id, context)));
  }
}
