import type { AccessTable } from '../../graphql/access';
import { allow } from '../../graphql/access';

export const billingAccess: AccessTable = {
  EndSessionPayload: { invoice: allow('runner') },
  Invoice: { '*': allow('runner') },
};
