import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { badInput } from '../../errors/domain-error';
import type { PageRequest } from '../../graphql/connection';
import { pageCost, pageRequest, toConnection } from '../../graphql/connection';
import type { Context } from '../../graphql/context';
import type { Estimate } from '../../graphql/cost';
import { Channel } from '../channels';
import { MessageConnection, toMessage } from './message.type';
import { SearchArgs } from './search.input';
import { MAX_RANKED } from './search.repository';
import type { SearchPlace } from './search.repository';
import type { SearchService } from './search.service';

const LIST = 'search';
/** As much as twenty things that are looked up one by one. */
const SEARCH_POINTS = 20;
const searchCost: Estimate = (about) => SEARCH_POINTS + pageCost(about);

@Resolver(() => Channel)
export class SearchResolver {
  constructor(private readonly service: SearchService) {}

  @FieldResolver(() => MessageConnection, {
    complexity: searchCost,
    description:
      `Messages with these words, the best match first, then the newest. Of more than ${MAX_RANKED} matches the newest are ranked. ` +
      'Pages go on in what had been written when the first one was read.',
  })
  async search(
    @Root() channel: Channel,
    @Args(() => SearchArgs) { query, senderId = null, since = null, until = null, first, after }: SearchArgs,
    @Ctx() { viewer }: Context,
  ): Promise<MessageConnection> {
    const request = pageRequest({ first, after }, LIST, 3);
    const terms = { query, senderId, since, until };
    const rows = await this.service.search(viewer, channel, terms, placeOf(request), request.size + 1);
    return toConnection(request, LIST, rows, ({ searchedTo, rank, offset }) => [searchedTo, rank, offset], toMessage);
  }
}

function placeOf({ beyond }: PageRequest): SearchPlace | null {
  if (beyond === null) return null;
  const [searchedTo = '', rank = '', offset = ''] = beyond;
  if (![searchedTo, offset].every((place) => /^\d{1,15}$/.test(place)) || !/^\d(\.\d+)?(e-\d{1,2})?$/.test(rank))
    throw badInput('after', 'is not a cursor of this list');
  return { searchedTo: Number(searchedTo), rank: Number(rank), offset: Number(offset) };
}
