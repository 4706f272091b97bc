import { Arg, Ctx, ID, Mutation, Resolver, Root, Subscription } from 'type-graphql';
import type { Context } from '../../graphql/context';
import { source } from '../../graphql/subscription';
import { toSender } from '../channels';
import { SetTypingInput } from './message.input';
import { SetTypingPayload, TypingState } from './message.type';
import type { Typing } from './typing-reader';
import type { TypingService } from './typing.service';

@Resolver()
export class TypingResolver {
  constructor(private readonly service: TypingService) {}

  @Mutation(() => SetTypingPayload, { description: 'Tells the channel that the caller is typing, or stopped. Nothing is stored.' })
  async setTyping(
    @Arg('input', () => SetTypingInput, { description: 'The channel and whether.' }) { channelId, typing }: SetTypingInput,
    @Ctx() { viewer }: Context,
  ): Promise<SetTypingPayload> {
    await this.service.set(viewer, channelId, typing);
    return Object.assign(new SetTypingPayload(), { typing });
  }

  @Subscription(() => TypingState, {
    description: 'Who begins and stops typing in the channel, the caller excepted. Ends when the caller may no longer read it.',
    subscribe: source(
      () => TypingResolver,
      (resolver, { channelId }: { channelId: string }, { viewer, signal }) => resolver.service.follow(viewer, channelId, signal),
    ),
  })
  typing(
    @Root() { senderId, senderName, typing }: Typing,
    @Arg('channelId', () => ID, { description: 'The channel.' }) channelId: string,
  ): TypingState {
    return Object.assign(new TypingState(), { channelId, sender: toSender({ id: senderId, displayName: senderName }), typing });
  }
}
