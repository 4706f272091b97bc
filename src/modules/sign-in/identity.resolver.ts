import { Arg, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import { DEFAULT_PAGE_SIZE, listCost } from '../../graphql/connection';
import type { Context } from '../../graphql/context';
import { toViewer, Viewer } from '../accounts';
import { AuthPayload, requirePerson, toAuthPayload } from '../auth';
import { ExchangeSignInCodeInput, LinkIdentityInput, UnlinkIdentityInput } from './identity.input';
import type { IdentityService } from './identity.service';
import { LinkedIdentity, toLinkedIdentity } from './identity.type';
import type { SignInFlowService } from './sign-in-flow.service';

@Resolver(() => Viewer)
export class IdentityResolver {
  constructor(
    private readonly flows: SignInFlowService,
    private readonly identities: IdentityService,
  ) {}

  @Query(() => [String], { description: 'The providers to sign in with: a page sends its browser to `/auth/<name>`.' })
  signInProviders(): readonly string[] {
    return this.flows.providers;
  }

  @FieldResolver(() => [LinkedIdentity], {
    description: 'The accounts at providers that open this one, oldest first.',
    complexity: listCost(DEFAULT_PAGE_SIZE),
  })
  async linkedIdentities(@Root() viewer: Viewer): Promise<LinkedIdentity[]> {
    const identities = await this.identities.listOf(viewer.user.id);
    return identities.map(toLinkedIdentity);
  }

  @Mutation(() => AuthPayload, {
    description: 'Signs in with the code that a provider led to. UNAUTHENTICATED SIGN_IN_CODE_INVALID if used or late.',
  })
  async exchangeSignInCode(
    @Arg('input', () => ExchangeSignInCodeInput, { description: 'The code.' }) { code, verifier }: ExchangeSignInCodeInput,
    @Ctx() context: Context,
  ): Promise<AuthPayload> {
    return toAuthPayload(await this.flows.exchange({ code, verifier: verifier ?? null }, context));
  }

  @Mutation(() => Viewer, {
    description: "Makes a provider's account another way into the caller's. CONFLICT IDENTITY_TAKEN when it opens another.",
  })
  async linkIdentity(
    @Arg('input', () => LinkIdentityInput, { description: 'The code.' }) input: LinkIdentityInput,
    @Ctx() context: Context,
  ): Promise<Viewer> {
    return toViewer(await this.flows.link(input, requirePerson(context.viewer), context));
  }

  @Mutation(() => Boolean, { description: 'Lets go of a linked identity; never of the last way into the account. True.' })
  async unlinkIdentity(
    @Arg('input', () => UnlinkIdentityInput, { description: 'Which one.' }) { provider }: UnlinkIdentityInput,
    @Ctx() context: Context,
  ): Promise<boolean> {
    await this.identities.unlink(context, requirePerson(context.viewer), provider);
    return true;
  }
}
