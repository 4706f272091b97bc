import type { Tx } from '../../persistence/database';
import type { OrganizationService } from '../organizations';
import { attendeeLimitReached, liveSessionLimitReached, scheduledSessionLimitReached } from './session.errors';
import { LIVE_STATUSES } from './session.lifecycle';
import type { SessionRepository } from './session.repository';

/**
 * What an organization's plan allows of sessions. Each check holds the organization until the transaction ends: of those who add to what is
 * counted at one time none goes beyond. So it is for transactions of the server, because not everybody who runs a session may hold it.
 */
export class SessionQuota {
  constructor(
    private readonly organizations: Pick<OrganizationService, 'lock'>,
    private readonly sessions: Pick<SessionRepository, 'count'>,
  ) {}

  /** Room for one more session that has not begun, with so many seats. */
  async requireScheduled(tx: Tx, organizationId: string, capacity: number): Promise<void> {
    const { scheduledSessions, attendees } = await this.organizations.lock(tx, organizationId);
    if (capacity > attendees) throw attendeeLimitReached(attendees);
    if ((await this.sessions.count(tx, organizationId, ['SCHEDULED'])) >= scheduledSessions)
      throw scheduledSessionLimitReached(scheduledSessions);
  }

  /** Room for so many seats in one session. */
  async requireSeats(tx: Tx, organizationId: string, capacity: number): Promise<void> {
    const { attendees } = await this.organizations.lock(tx, organizationId);
    if (capacity > attendees) throw attendeeLimitReached(attendees);
  }

  /** Room for one more session under way. */
  async requireLive(tx: Tx, organizationId: string): Promise<void> {
    const { liveSessions } = await this.organizations.lock(tx, organizationId);
    if ((await this.sessions.count(tx, organizationId, LIVE_STATUSES)) >= liveSessions) throw liveSessionLimitReached(liveSessions);
  }
}
