import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { listCost } from '../../graphql/connection';
import type { Context } from '../../graphql/context';
import { BroadcastMessageInput, MAX_CHANNELS } from './broadcast.input';
import type { BroadcastService } from './broadcast.service';
import { BroadcastPayload, toBroadcastPayload } from './broadcast.type';

@Resolver()
export class BroadcastResolver {
  constructor(private readonly service: BroadcastService) {}

  @Mutation(() => BroadcastPayload, {
    complexity: listCost(MAX_CHANNELS),
    description:
      'Writes one text in many channels: in each by its own rights, limits and order. What is refused in one of them is told beside what was ' +
      'written in the others.',
  })
  async broadcastMessage(
    @Arg('input', () => BroadcastMessageInput, { description: 'The text and the channels.' }) input: BroadcastMessageInput,
    @Ctx() { viewer }: Context,
  ): Promise<BroadcastPayload> {
    return toBroadcastPayload(await this.service.send(viewer, input));
  }
}
