import type { SessionStatus } from './session.repository';

export type LifecycleCommand = 'start' | 'pause' | 'resume' | 'end' | 'cancel';

interface Transition {
  readonly from: readonly SessionStatus[];
  readonly to: SessionStatus;
}

/** SCHEDULED → LIVE ⇄ PAUSED → COMPLETED, LIVE → COMPLETED, SCHEDULED → CANCELLED. Nothing else ever happens. */
export const LIFECYCLE: Readonly<Record<LifecycleCommand, Transition>> = {
  start: { from: ['SCHEDULED'], to: 'LIVE' },
  pause: { from: ['LIVE'], to: 'PAUSED' },
  resume: { from: ['PAUSED'], to: 'LIVE' },
  end: { from: ['LIVE', 'PAUSED'], to: 'COMPLETED' },
  cancel: { from: ['SCHEDULED'], to: 'CANCELLED' },
};

/** People may join, talk and be told things. */
export const OPEN_STATUSES: readonly SessionStatus[] = ['SCHEDULED', 'LIVE', 'PAUSED'];

/** It has begun and not ended: people may ask, vote and connect to each other. */
export const LIVE_STATUSES: readonly SessionStatus[] = ['LIVE', 'PAUSED'];

/** The status after the command, or null when the command is illegal in this one. */
export function statusAfter(status: SessionStatus, command: LifecycleCommand): SessionStatus | null {
  const { from, to } = LIFECYCLE[command];
  return from.includes(status) ? to : null;
}
