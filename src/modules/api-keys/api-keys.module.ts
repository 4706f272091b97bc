import type { RoomParts } from '../../graphql/room';
import type { Clock } from '../../lib/clock';
import type { Viewer } from '../../lib/viewer';
import type { Kernel } from '../../realtime/kernel';
import type { AuditTrail } from '../audit';
import type { Revocations } from '../auth';
import { bearerToken } from '../auth';
import type { OrganizationCompanion, OrganizationService } from '../organizations';
import type { UserService } from '../users';
import { ApiKeyRepository } from './api-key.repository';
import { ApiKeyResolver } from './api-key.resolver';
import { ApiKeyService } from './api-key.service';
import { OrganizationApiKeysResolver } from './organization-api-keys.resolver';

export const apiKeysResolvers = [ApiKeyResolver, OrganizationApiKeysResolver] as const;

export interface ApiKeysDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork'>;
  readonly users: UserService;
  readonly organizations: OrganizationService;
  readonly revocations: Revocations;
  readonly audit: AuditTrail;
  /** For whatever is no key. */
  readonly authenticateToken: (authorization: string | null) => Promise<Viewer>;
  readonly clock?: Clock;
}

export interface ApiKeysRoom extends RoomParts {
  readonly apiKeys: ApiKeyService;
  /** For `createOrganizationsRoom`: whoever leaves an organization leaves no key of theirs behind. */
  readonly companion: OrganizationCompanion;
  /** For the transport: who sent this `Authorization`, a key or a token. */
  readonly authenticate: (authorization: string | null) => Promise<Viewer>;
}

export function createApiKeysRoom({ authenticateToken, ...deps }: ApiKeysDeps): ApiKeysRoom {
  const apiKeys = new ApiKeyService({ ...deps, keys: new ApiKeyRepository() });
  return {
    apiKeys,
    companion: { memberLeft: (tx, _actor, { organizationId, userId }) => apiKeys.revokeOfMember(tx, organizationId, userId) },
    authenticate: async (authorization) => {
      const token = bearerToken(authorization);
      const viewer = token === null ? null : await apiKeys.authenticate(token);
      return viewer ?? authenticateToken(authorization);
    },
    resolvers: [new ApiKeyResolver(apiKeys, deps.users), new OrganizationApiKeysResolver(apiKeys)],
  };
}
