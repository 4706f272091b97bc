import type { AccessTable } from '../../graphql/access';
import { allow, AS_PARENT } from '../../graphql/access';

export const collaborationAccess: AccessTable = {
  Query: { collaborationEvents: allow('sessionFollower', 'sessions:read') },
  Mutation: {
    addCollaborationItem: allow('collaborator', 'sessions:write'),
    editCollaborationItem: allow('itemEditor', 'sessions:write'),
    moveCollaborationItem: allow('itemEditor', 'sessions:write'),
    removeCollaborationItem: allow('itemEditor', 'sessions:write'),
    movePointer: allow('collaborator', 'sessions:write'),
  },
  Subscription: {
    collaborationEvents: allow('sessionFollower', 'sessions:read'),
    pointers: allow('sessionFollower', 'sessions:read'),
  },
  Session: { collaboration: allow('sessionFollower', 'sessions:read') },
  CollaborationItem: AS_PARENT,
  CollaborationItemConnection: AS_PARENT,
  CollaborationItemEdge: AS_PARENT,
  CollaborationItemPayload: AS_PARENT,
  CollaborationItemChanged: AS_PARENT,
  CollaborationItemRemoved: AS_PARENT,
  MovePointerPayload: AS_PARENT,
  Pointer: AS_PARENT,
  PointerFrame: AS_PARENT,
};
