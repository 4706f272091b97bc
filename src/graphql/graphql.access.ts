import type { AccessTable } from './access';
import { allow, AS_PARENT } from './access';

/** What belongs to no room. A key that opens one room must not reach others by id, so ids are closed to keys. */
export const graphqlAccess: AccessTable = {
  Query: { node: allow('nodeReader'), nodes: allow('nodeReader') },
  PageInfo: AS_PARENT,
  StreamOpened: AS_PARENT,
};
