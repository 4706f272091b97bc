import type { AccessTable } from '../../graphql/access';
import { allow, AS_PARENT } from '../../graphql/access';

export const signInAccess: AccessTable = {
  Query: { signInProviders: allow('anyone') },
  Mutation: {
    exchangeSignInCode: allow('anyone'),
    linkIdentity: allow('user'),
    unlinkIdentity: allow('user'),
  },
  Viewer: { linkedIdentities: allow('account') },
  LinkedIdentity: AS_PARENT,
};
