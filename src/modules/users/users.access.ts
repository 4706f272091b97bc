import type { AccessTable } from '../../graphql/access';
import { allow } from '../../graphql/access';

export const usersAccess: AccessTable = {
  User: { '*': allow('somebody') },
};
