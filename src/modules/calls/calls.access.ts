import type { AccessTable } from '../../graphql/access';
import { allow, AS_PARENT } from '../../graphql/access';

/** People call people: machines have no peer. */
export const callsAccess: AccessTable = {
  Query: { calls: allow('presentAttendee'), callEvents: allow('presentAttendee') },
  Mutation: {
    startCall: allow('presentAttendee'),
    answerCall: allow('callParty'),
    rejectCall: allow('callParty'),
    cancelCall: allow('callParty'),
    holdCall: allow('callParty'),
    resumeCall: allow('callParty'),
    hangUpCall: allow('callParty'),
  },
  Subscription: { callEvents: allow('presentAttendee') },
  Call: AS_PARENT,
  CallParty: AS_PARENT,
  CallConnection: AS_PARENT,
  CallEdge: AS_PARENT,
  CallChanged: AS_PARENT,
  CallPayload: AS_PARENT,
};
