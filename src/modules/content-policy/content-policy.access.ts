import type { AccessTable } from '../../graphql/access';
import { allow, AS_PARENT } from '../../graphql/access';

export const contentPolicyAccess: AccessTable = {
  Mutation: { updateContentPolicy: allow('organizationAdmin') },
  Organization: { contentPolicy: allow('organizationAdmin') },
  ContentPolicy: AS_PARENT,
  ContentPolicyPayload: AS_PARENT,
};
