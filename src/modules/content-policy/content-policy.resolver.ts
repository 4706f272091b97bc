import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type { Context } from '../../graphql/context';
import { Organization } from '../organizations';
import { UpdateContentPolicyInput } from './content-policy.input';
import type { ContentPolicyService } from './content-policy.service';
import { ContentPolicy, ContentPolicyPayload, toContentPolicy, toContentPolicyPayload } from './content-policy.type';

@Resolver(() => Organization)
export class ContentPolicyResolver {
  constructor(private readonly policies: ContentPolicyService) {}

  @FieldResolver(() => ContentPolicy, { description: 'What it lets be written in its sessions and channels. For its admins and owners.' })
  async contentPolicy(@Root() { id }: Organization, @Ctx() { viewer }: Context): Promise<ContentPolicy> {
    return toContentPolicy(await this.policies.get(viewer, id));
  }

  @Mutation(() => ContentPolicyPayload, {
    description:
      'Sets what an organization lets be written. For its admins and owners; audited, without the words. Felt everywhere within a second.',
  })
  async updateContentPolicy(
    @Arg('input', () => UpdateContentPolicyInput, { description: 'The changes.' }) input: UpdateContentPolicyInput,
    @Ctx() context: Context,
  ): Promise<ContentPolicyPayload> {
    const { organizationId, refusedWords, heldWords, links, allowedHosts } = input;
    const changes = {
      refusedWords: refusedWords ?? undefined,
      heldWords: heldWords ?? undefined,
      links: links ?? undefined,
      allowedHosts: allowedHosts?.map((host) => host.toLowerCase()),
    };
    return toContentPolicyPayload(await this.policies.update(context, organizationId, changes));
  }
}
