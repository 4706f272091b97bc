import type { AccessTable } from '../../graphql/access';
import { allow, AS_PARENT } from '../../graphql/access';

/** A key is no sign-in: it opens nothing here. */
export const authAccess: AccessTable = {
  Mutation: {
    register: allow('anyone'),
    login: allow('anyone'),
    refreshTokens: allow('anyone'),
    logout: allow('user'),
    logoutEverywhere: allow('user'),
    changePassword: allow('user'),
    renewConnection: allow('somebody'),
  },
  Subscription: { connectionEvents: allow('anyone') },
  AuthPayload: AS_PARENT,
  RenewConnectionPayload: AS_PARENT,
  ConnectionExpiring: AS_PARENT,
};
