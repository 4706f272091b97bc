import { Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import { DEFAULT_PAGE_SIZE, listCost } from '../../graphql/connection';
import type { Context } from '../../graphql/context';
import type { OrganizationService } from '../organizations';
import { Organization, toOrganization } from '../organizations';
import type { ProfileService } from './profile.service';
import { toViewer, Viewer } from './viewer.type';

@Resolver(() => Viewer)
export class ViewerResolver {
  constructor(
    private readonly profiles: ProfileService,
    private readonly organizationsOfUsers: OrganizationService,
  ) {}

  @Query(() => Viewer, { nullable: true, description: "The caller's own account; null for guests and the anonymous." })
  async viewer(@Ctx() context: Context): Promise<Viewer | null> {
    const user = await this.profiles.find(context.viewer);
    return user && toViewer(user);
  }

  @FieldResolver(() => [Organization], {
    description: 'The organizations the caller belongs to, oldest first.',
    complexity: listCost(DEFAULT_PAGE_SIZE),
  })
  async organizations(@Root() viewer: Viewer): Promise<Organization[]> {
    const organizations = await this.organizationsOfUsers.listOf(viewer.user.id);
    return organizations.map(toOrganization);
  }
}
