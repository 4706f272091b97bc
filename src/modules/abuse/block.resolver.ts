import { Arg, Ctx, Int, Mutation, Query, Resolver } from 'type-graphql';
import { pageCost, pageRequest, toConnection } from '../../graphql/connection';
import type { Context } from '../../graphql/context';
import { BlockInput, UnblockInput } from './block.input';
import type { BlockService } from './block.service';
import { BlockConnection, BlockPayload, toBlock } from './block.type';

const LIST = 'blocks';
const MINUTE_MS = 60_000;

@Resolver()
export class BlockResolver {
  constructor(private readonly service: BlockService) {}

  @Query(() => BlockConnection, {
    complexity: pageCost,
    description: 'Who is kept out at the moment, newest first. For administrators of the platform; NOT_FOUND for all others.',
  })
  async blocks(
    @Arg('first', () => Int, { nullable: true, description: 'How many, 1 to 100; 25 when left out.' }) first: number | null | undefined,
    @Arg('after', () => String, { nullable: true, description: 'The cursor to go on after.' }) after: string | null | undefined,
    @Ctx() { viewer }: Context,
  ): Promise<BlockConnection> {
    const request = pageRequest({ first, after }, LIST, 1);
    const rows = await this.service.list(viewer, { olderThan: request.beyond?.[0] ?? null, limit: request.size + 1 });
    return toConnection(request, LIST, rows, ({ id }) => [id], toBlock);
  }

  @Mutation(() => BlockPayload, {
    description: 'Keeps somebody out for a while, on every transport, beginning within a second. For administrators of the platform.',
  })
  async block(
    @Arg('input', () => BlockInput, { description: 'Whom, and for how long.' }) { kind, value, minutes, reason }: BlockInput,
    @Ctx() context: Context,
  ): Promise<BlockPayload> {
    return { block: toBlock(await this.service.block(context, { kind, value, reason, lastsMs: minutes * MINUTE_MS })) };
  }

  @Mutation(() => BlockPayload, { description: 'Lets somebody in again, as if nothing had been. For administrators of the platform.' })
  async unblock(
    @Arg('input', () => UnblockInput, { description: 'Which block.' }) { id }: UnblockInput,
    @Ctx() context: Context,
  ): Promise<BlockPayload> {
    return { block: toBlock(await this.service.unblock(context, id)) };
  }
}
