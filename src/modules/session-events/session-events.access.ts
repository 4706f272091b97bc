import type { AccessTable } from '../../graphql/access';
import { allow } from '../../graphql/access';

export const sessionEventsAccess: AccessTable = {
  Query: { sessionEvents: allow('sessionFollower', 'sessions:read') },
  Subscription: { sessionEvents: allow('sessionFollower', 'sessions:read') },
};
