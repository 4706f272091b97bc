import type { AccessTable } from '../../graphql/access';
import { allow, AS_PARENT } from '../../graphql/access';

export const accountsAccess: AccessTable = {
  Query: { viewer: allow('account') },
  Mutation: {
    completeProfile: allow('user'),
    updateProfile: allow('user'),
    suspendUser: allow('platformAdmin'),
    reinstateUser: allow('platformAdmin'),
  },
  Viewer: {
    user: allow('account'),
    email: allow('account'),
    emailVerified: allow('account'),
    profileComplete: allow('account'),
    organizations: allow('account'),
  },
  SuspensionPayload: AS_PARENT,
};
