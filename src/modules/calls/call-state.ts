type CallStatus = 'RINGING' | 'ACTIVE' | 'HELD' | 'ENDED';
type CallEndReason = 'REJECTED' | 'BUSY' | 'CANCELLED' | 'TIMEOUT' | 'HUNG_UP' | 'FAILED';

/** A call as far as commands are concerned. */
export interface CallState {
  readonly status: CallStatus;
  /** Why it is ENDED; null while it is not. */
  readonly endReason: CallEndReason | null;
  readonly callerHolds: boolean;
  readonly calleeHolds: boolean;
}

export type CallSide = 'caller' | 'callee';
export type SideCommand = 'answer' | 'reject' | 'cancel' | 'hold' | 'resume' | 'hangUp' | 'leave';

/** Who does what. `leave` is that somebody has left the session; the server does the rest by itself. */
export type CallAct = `${CallSide} ${SideCommand}` | 'server expire' | 'server fail';

type Ends = Partial<Record<CallAct, CallEndReason>>;

/** What ends a call, and as what it has then ended. */
const RINGING_ENDS: Ends = {
  'callee reject': 'REJECTED',
  'callee leave': 'REJECTED',
  'caller cancel': 'CANCELLED',
  'caller leave': 'CANCELLED',
  'server expire': 'TIMEOUT',
  'server fail': 'FAILED',
};
const TALKING_ENDS: Ends = {
  'caller hangUp': 'HUNG_UP',
  'callee hangUp': 'HUNG_UP',
  'caller leave': 'HUNG_UP',
  'callee leave': 'HUNG_UP',
  'server fail': 'FAILED',
};

/**
 * RINGING → ACTIVE ⇄ HELD → ENDED. The state after the act; the same object when it changes nothing, so that what is done twice is done
 * once; null when it cannot be done in this state. A call is HELD while one side or both hold it.
 */
export function stateAfter(state: CallState, act: CallAct): CallState | null {
  switch (state.status) {
    case 'RINGING':
      return act === 'callee answer' ? { ...state, status: 'ACTIVE' } : endedBy(state, RINGING_ENDS[act]);
    case 'ACTIVE':
    case 'HELD':
      return whileTalking(state, act) ?? endedBy(state, TALKING_ENDS[act]);
    case 'ENDED':
      return [RINGING_ENDS[act], TALKING_ENDS[act]].includes(state.endReason ?? undefined) ? state : null;
  }
}

function whileTalking(state: CallState, act: CallAct): CallState | null {
  switch (act) {
    case 'callee answer':
      return state;
    case 'caller hold':
    case 'caller resume':
      return holding(state, { callerHolds: act === 'caller hold' });
    case 'callee hold':
    case 'callee resume':
      return holding(state, { calleeHolds: act === 'callee hold' });
    default:
      return null;
  }
}

function holding(state: CallState, change: Partial<Pick<CallState, 'callerHolds' | 'calleeHolds'>>): CallState {
  const { callerHolds, calleeHolds } = { ...state, ...change };
  if (callerHolds === state.callerHolds && calleeHolds === state.calleeHolds) return state;
  return { ...state, callerHolds, calleeHolds, status: callerHolds || calleeHolds ? 'HELD' : 'ACTIVE' };
}

function endedBy(state: CallState, endReason: CallEndReason | undefined): CallState | null {
  return endReason === undefined ? null : { ...state, status: 'ENDED', endReason, callerHolds: false, calleeHolds: false };
}
