import type { RoomParts } from '../../graphql/room';
import type { Kernel } from '../../realtime/kernel';
import type { AuditTrail } from '../audit';
import type { Revocations } from '../auth';
import type { OrganizationService } from '../organizations';
import type { UserService } from '../users';
import { ProfileResolver } from './profile.resolver';
import { ProfileService } from './profile.service';
import { SuspensionResolver } from './suspension.resolver';
import { SuspensionService } from './suspension.service';
import { ViewerResolver } from './viewer.resolver';

export const accountsResolvers = [ViewerResolver, ProfileResolver, SuspensionResolver] as const;

export interface AccountsDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork'>;
  readonly audit: AuditTrail;
  readonly users: UserService;
  readonly organizations: OrganizationService;
  readonly revocations: Revocations;
}

export interface AccountsRoom extends RoomParts {
  readonly suspensions: SuspensionService;
}

export function createAccountsRoom({ kernel, audit, users, organizations, revocations }: AccountsDeps): AccountsRoom {
  const profiles = new ProfileService(kernel, users);
  const suspensions = new SuspensionService({ kernel, users, revocations, audit });
  return {
    suspensions,
    resolvers: [new ViewerResolver(profiles, organizations), new ProfileResolver(profiles), new SuspensionResolver(suspensions)],
  };
}
