import type { NodeLoaders } from '../../graphql/node';
import type { RoomParts } from '../../graphql/room';
import type { Kernel } from '../../realtime/kernel';
import { OrganizationRepository } from './organization.repository';
import { organizationIds, OrganizationService } from './organization.service';
import { toOrganization } from './organization.type';

/** This room has types, no operations of its own yet. */
export const organizationsResolvers = [] as const;

export interface OrganizationsRoom extends RoomParts {
  readonly organizations: OrganizationService;
}

export function createOrganizationsRoom({ kernel }: { kernel: Pick<Kernel, 'database'> }): OrganizationsRoom {
  const organizations = new OrganizationService(kernel.database, new OrganizationRepository());
  const nodes: NodeLoaders = {
    [organizationIds.prefix]: async (id, { viewer }) => {
      const organization = await organizations.findFor(viewer, id);
      return organization && toOrganization(organization);
    },
  };
  return { organizations, resolvers: [], nodes };
}
