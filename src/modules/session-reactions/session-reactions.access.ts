import type { AccessTable } from '../../graphql/access';
import { allow, AS_PARENT } from '../../graphql/access';

export const sessionReactionsAccess: AccessTable = {
  Mutation: { sendReaction: allow('presentAttendee', 'sessions:write') },
  Subscription: { sessionReactions: allow('sessionFollower', 'sessions:read') },
  Session: { reactions: allow('sessionFollower', 'sessions:read') },
  SessionReactions: AS_PARENT,
  SessionReactionCount: AS_PARENT,
};
