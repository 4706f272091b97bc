import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../../graphql/context';
import { ReinstateUserInput, SuspendUserInput } from './suspension.input';
import type { SuspensionService } from './suspension.service';
import { SuspensionPayload, toSuspensionPayload } from './suspension.type';

@Resolver()
export class SuspensionResolver {
  constructor(private readonly suspensions: SuspensionService) {}

  @Mutation(() => SuspensionPayload, {
    description:
      'Closes an account: no sign-in, token or API key of it is good any more, and what it has open ends. For administrators of the ' +
      'platform; to everyone else NOT_FOUND. FAILED_PRECONDITION CANNOT_SUSPEND_YOURSELF.',
  })
  async suspendUser(
    @Arg('input', () => SuspendUserInput, { description: 'Whose, and why.' }) { userId, reason }: SuspendUserInput,
    @Ctx() context: Context,
  ): Promise<SuspensionPayload> {
    return toSuspensionPayload(await this.suspensions.suspend(context, userId, reason));
  }

  @Mutation(() => SuspensionPayload, {
    description: 'Opens a suspended account again. For administrators of the platform; to everyone else NOT_FOUND.',
  })
  async reinstateUser(
    @Arg('input', () => ReinstateUserInput, { description: 'Whose.' }) { userId }: ReinstateUserInput,
    @Ctx() context: Context,
  ): Promise<SuspensionPayload> {
    return toSuspensionPayload(await this.suspensions.reinstate(context, userId));
  }
}
