import type { Plan } from './organization.repository';

/** What an organization may have. */
export interface PlanLimits {
  /** Sessions' own channels are not counted. */
  readonly channels: number;
  /** Under way at one time, paused ones too. */
  readonly liveSessions: number;
  /** Not begun and not cancelled. */
  readonly scheduledSessions: number;
  /** Seats of one session. */
  readonly attendees: number;
}

/** What each plan allows: the one table. */
export const PLANS: Readonly<Record<Plan, PlanLimits>> = {
  FREE: { channels: 3, liveSessions: 250, scheduledSessions: 1_000, attendees: 10_000 },
  PRO: { channels: 10, liveSessions: 2_500, scheduledSessions: 10_000, attendees: 20_000 },
};
