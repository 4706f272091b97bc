import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { keysetOf, pageCost, pageRequest, toConnection } from '../../graphql/connection';
import type { Context } from '../../graphql/context';
import type { Estimate } from '../../graphql/cost';
import { channelIds } from '../channels';
import { Organization } from '../organizations';
import type { MonitorService } from './monitor.service';
import { ChannelActivityConnection, toChannelActivity } from './monitor.type';

const LIST = 'activity';
/** Counts what was written, for each channel of a page. */
const monitorCost: Estimate = (about) => 2 * pageCost(about);

@Resolver(() => Organization)
export class MonitorResolver {
  constructor(private readonly monitor: MonitorService) {}

  @FieldResolver(() => ChannelActivityConnection, {
    complexity: monitorCost,
    description:
      "What goes on in the organization's channels, newest first; sessions' own are not among them. For its administrators: FORBIDDEN to other members.",
  })
  async channelActivity(
    @Root() { id }: Organization,
    @Ctx() { viewer }: Context,
    @Arg('first', () => Int, { nullable: true, description: 'How many, 1 to 100; 25 when left out.' }) first?: number | null,
    @Arg('after', () => String, { nullable: true, description: 'The cursor to go on after.' }) after?: string | null,
  ): Promise<ChannelActivityConnection> {
    const request = pageRequest({ first, after }, LIST, 2);
    const rows = await this.monitor.list(viewer, id, keysetOf(request, channelIds), request.size + 1);
    return toConnection(request, LIST, rows, ({ createdAt, id: channelId }) => [createdAt.getTime(), channelId], toChannelActivity);
  }
}
