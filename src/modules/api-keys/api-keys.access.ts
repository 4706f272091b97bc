import type { AccessTable } from '../../graphql/access';
import { allow, AS_PARENT } from '../../graphql/access';

/** Keys are made and ended by people, never by keys. */
export const apiKeysAccess: AccessTable = {
  Mutation: {
    createApiKey: allow('organizationAdmin'),
    revokeApiKey: allow('organizationAdmin'),
  },
  Organization: { apiKeys: allow('organizationAdmin') },
  ApiKey: { '*': allow('organizationAdmin'), maker: allow('organizationAdmin') },
  ApiKeyConnection: AS_PARENT,
  ApiKeyEdge: AS_PARENT,
  ApiKeyPayload: AS_PARENT,
  CreateApiKeyPayload: AS_PARENT,
};
