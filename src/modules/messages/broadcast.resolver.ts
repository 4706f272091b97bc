import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../../graphql/context';
import { BroadcastMessageInput } from './broadcast.input';
import type { BroadcastService } from './broadcast.service';
import { BroadcastPayload, toBroadcastPayload } from './broadcast.type';

@Resolver()
export class BroadcastResolver {
  constructor(private readonly service: BroadcastService) {}

  @Mutation(() => BroadcastPayload, {
    complexity: ({ args, childComplexity }) => 1 + childComplexity * (args as { input: BroadcastMessageInput }).input.channelIds.length,
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
