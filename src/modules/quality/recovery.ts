type Reported = 'NEW' | 'CONNECTING' | 'CONNECTED' | 'DISCONNECTED' | 'FAILED' | 'CLOSED';

/** How far it has come with a connection between two attendees that was lost. */
export interface RecoveryState {
  readonly restarts: number;
  /** Milliseconds since the last restart was asked for; null: none was. */
  readonly sinceRestartMs: number | null;
}

/** `restart`: one side is asked for an ICE restart. `giveUp`: the connection is over, both are told. `wait`: nothing. `recovered`: it is back. */
export type RecoveryStep = 'restart' | 'giveUp' | 'wait' | 'recovered';

export const MAX_RESTARTS = 3;
/** What a restart is given to come to something. Both sides report, and each more than once: it is one failure. */
export const RESTART_MS = 5_000;

export function recoveryAfter({ restarts, sinceRestartMs }: RecoveryState, reported: Reported): RecoveryStep {
  if (reported === 'CONNECTED') return restarts > 0 ? 'recovered' : 'wait';
  if (reported !== 'FAILED') return 'wait';
  if (sinceRestartMs !== null && sinceRestartMs < RESTART_MS) return 'wait';
  return restarts < MAX_RESTARTS ? 'restart' : 'giveUp';
}

/** Who makes the offers of two attendees, and so the restart: the impolite peer. */
export function impoliteOf(one: string, other: string): string {
  return one < other ? one : other;
}
