import { Arg, Ctx, Mutation, Resolver, Root, Subscription } from 'type-graphql';
import type { Context } from '../../graphql/context';
import { source } from '../../graphql/subscription';
import { RenewConnectionInput } from './connection.input';
import { ConnectionEvent, RenewConnectionPayload, toConnectionExpiring, toRenewConnectionPayload } from './connection.type';
import { requireConnection } from './renewal.service';
import type { RenewalService } from './renewal.service';

@Resolver()
export class ConnectionResolver {
  constructor(private readonly renewals: RenewalService) {}

  @Mutation(() => RenewConnectionPayload, {
    description:
      'Gives the socket it is sent on a fresher token of the same sign-in or attendee: what runs on it goes on. Any other token is refused, ' +
      'and the socket closed 4403. FAILED_PRECONDITION CONNECTION_NEEDED without a socket, NOTHING_TO_RENEW on one without a token.',
  })
  async renewConnection(
    @Arg('input', () => RenewConnectionInput, { description: 'The fresher token.' }) { accessToken }: RenewConnectionInput,
    @Ctx() context: Context,
  ): Promise<RenewConnectionPayload> {
    return toRenewConnectionPayload(await this.renewals.renew(context, accessToken));
  }

  @Subscription(() => ConnectionEvent, {
    description: 'What happens to the socket it is sent on. FAILED_PRECONDITION CONNECTION_NEEDED without one.',
    subscribe: source(
      () => ConnectionResolver,
      (resolver, _args: object, context) => resolver.open(context),
    ),
  })
  connectionEvents(@Root() expiresAt: Date): typeof ConnectionEvent {
    return toConnectionExpiring(expiresAt);
  }

  async open(context: Context): Promise<AsyncIterable<Date>> {
    return requireConnection(context).expirations(context.signal);
  }
}
