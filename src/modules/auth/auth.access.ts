import type { AccessTable } from '../../graphql/access';
import { allow, AS_PARENT } from '../../graphql/access';

/** A key is no sign-in: it opens nothing here. */
export const authAccess: AccessTable = {
  Query: { viewer: allow('account'), signInProviders: allow('anyone') },
  Mutation: {
    register: allow('anyone'),
    login: allow('anyone'),
    refreshTokens: allow('anyone'),
    logout: allow('user'),
    logoutEverywhere: allow('user'),
    changePassword: allow('user'),
    exchangeSignInCode: allow('anyone'),
    linkIdentity: allow('user'),
    unlinkIdentity: allow('user'),
    completeProfile: allow('user'),
    updateProfile: allow('user'),
    renewConnection: allow('somebody'),
    suspendUser: allow('platformAdmin'),
    reinstateUser: allow('platformAdmin'),
  },
  Subscription: { connectionEvents: allow('anyone') },
  Viewer: {
    user: allow('account'),
    email: allow('account'),
    emailVerified: allow('account'),
    profileComplete: allow('account'),
    organizations: allow('account'),
    linkedIdentities: allow('account'),
  },
  LinkedIdentity: AS_PARENT,
  AuthPayload: AS_PARENT,
  RenewConnectionPayload: AS_PARENT,
  ConnectionExpiring: AS_PARENT,
  SuspensionPayload: AS_PARENT,
};
