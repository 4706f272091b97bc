import type { StreamId } from '../../realtime/event';
import { defineEvent } from '../../realtime/event';
import type { MembershipRole } from './membership.repository';

/** Where it is told who belongs to an organization, and as what. Followed only while something depends on it. */
export function organizationStream(organizationId: string): StreamId {
  return `organization:${organizationId}`;
}

/** Somebody came to belong to the organization, belongs to it as something else, or (null) no longer. */
export const membershipChanged = defineEvent<{ userId: string; role: MembershipRole | null }>('membership.changed');
