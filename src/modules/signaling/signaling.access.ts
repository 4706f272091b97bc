import type { AccessTable } from '../../graphql/access';
import { allow, AS_PARENT } from '../../graphql/access';

/** People connect to people: machines have no peer. */
export const signalingAccess: AccessTable = {
  Query: { iceServers: allow('presentAttendee'), signals: allow('presentAttendee') },
  Mutation: { mediaToken: allow('presentAttendee'), sendSignal: allow('presentAttendee'), sendSignals: allow('presentAttendee') },
  Subscription: { signals: allow('presentAttendee') },
  IceServer: AS_PARENT,
  Signal: AS_PARENT,
  SignalReceived: AS_PARENT,
  SendSignalPayload: AS_PARENT,
  MediaTokenPayload: AS_PARENT,
  SendSignalsPayload: AS_PARENT,
};
