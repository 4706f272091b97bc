import type { AccessTable } from '../../graphql/access';
import { allow, AS_PARENT } from '../../graphql/access';

export const abuseAccess: AccessTable = {
  Query: { blocks: allow('platformAdmin') },
  Mutation: { block: allow('platformAdmin'), unblock: allow('platformAdmin') },
  Block: { '*': allow('platformAdmin') },
  BlockConnection: AS_PARENT,
  BlockEdge: AS_PARENT,
  BlockPayload: AS_PARENT,
};
