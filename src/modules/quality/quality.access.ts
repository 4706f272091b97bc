import type { AccessTable } from '../../graphql/access';
import { allow, AS_PARENT } from '../../graphql/access';

/** Who may ask is told of all connections or of their own, by role. */
export const qualityAccess: AccessTable = {
  Query: { connectionQualities: allow('presentAttendee'), qualityEvents: allow('presentAttendee') },
  Mutation: { reportQuality: allow('presentAttendee') },
  Subscription: { qualityEvents: allow('presentAttendee') },
  ConnectionQuality: AS_PARENT,
  ConnectionQualityConnection: AS_PARENT,
  ConnectionQualityEdge: AS_PARENT,
  QualityChanged: AS_PARENT,
  ReportQualityPayload: AS_PARENT,
};
