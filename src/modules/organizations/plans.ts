import type { Plan } from './organization.repository';

/** What an organization may have. */
export interface PlanLimits {
  /** Sessions' own channels are not counted. */
  readonly channels: number;
}

/** What each plan allows: the one table. */
export const PLANS: Readonly<Record<Plan, PlanLimits>> = {
  FREE: { channels: 3 },
  PRO: { channels: 10 },
};
