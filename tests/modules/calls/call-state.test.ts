import type { CallAct, CallState } from '../../../src/modules/calls/call-state';
import { stateAfter } from '../../../src/modules/calls/call-state';

type Name = keyof typeof STATES;

const state = (status: CallState['status'], rest: Partial<CallState> = {}): CallState => ({
  status,
  endReason: null,
  callerHolds: false,
  calleeHolds: false,
  ...rest,
});

/** Every state that there is. */
const STATES = {
  RINGING: state('RINGING'),
  ACTIVE: state('ACTIVE'),
  'HELD by the caller': state('HELD', { callerHolds: true }),
  'HELD by the callee': state('HELD', { calleeHolds: true }),
  'HELD by both': state('HELD', { callerHolds: true, calleeHolds: true }),
  REJECTED: state('ENDED', { endReason: 'REJECTED' }),
  BUSY: state('ENDED', { endReason: 'BUSY' }),
  CANCELLED: state('ENDED', { endReason: 'CANCELLED' }),
  TIMEOUT: state('ENDED', { endReason: 'TIMEOUT' }),
  HUNG_UP: state('ENDED', { endReason: 'HUNG_UP' }),
  FAILED: state('ENDED', { endReason: 'FAILED' }),
} as const;

/** Every act that there is. */
const ACTS: readonly CallAct[] = [
  'caller answer',
  'caller reject',
  'caller cancel',
  'caller hold',
  'caller resume',
  'caller hangUp',
  'caller leave',
  'callee answer',
  'callee reject',
  'callee cancel',
  'callee hold',
  'callee resume',
  'callee hangUp',
  'callee leave',
  'server expire',
  'server fail',
];

const TALKING_ENDS: Partial<Record<CallAct, Name>> = {
  'caller hangUp': 'HUNG_UP',
  'callee hangUp': 'HUNG_UP',
  'caller leave': 'HUNG_UP',
  'callee leave': 'HUNG_UP',
  'server fail': 'FAILED',
};

/** Written by hand from docs/signaling.md. What is not here cannot be done. */
const TABLE: Readonly<Record<Name, Partial<Record<CallAct, Name>>>> = {
  RINGING: {
    'callee answer': 'ACTIVE',
    'callee reject': 'REJECTED',
    'callee leave': 'REJECTED',
    'caller cancel': 'CANCELLED',
    'caller leave': 'CANCELLED',
    'server expire': 'TIMEOUT',
    'server fail': 'FAILED',
  },
  ACTIVE: {
    ...TALKING_ENDS,
    'callee answer': 'ACTIVE',
    'caller hold': 'HELD by the caller',
    'callee hold': 'HELD by the callee',
    'caller resume': 'ACTIVE',
    'callee resume': 'ACTIVE',
  },
  'HELD by the caller': {
    ...TALKING_ENDS,
    'callee answer': 'HELD by the caller',
    'caller hold': 'HELD by the caller',
    'callee hold': 'HELD by both',
    'caller resume': 'ACTIVE',
    'callee resume': 'HELD by the caller',
  },
  'HELD by the callee': {
    ...TALKING_ENDS,
    'callee answer': 'HELD by the callee',
    'caller hold': 'HELD by both',
    'callee hold': 'HELD by the callee',
    'caller resume': 'HELD by the callee',
    'callee resume': 'ACTIVE',
  },
  'HELD by both': {
    ...TALKING_ENDS,
    'callee answer': 'HELD by both',
    'caller hold': 'HELD by both',
    'callee hold': 'HELD by both',
    'caller resume': 'HELD by the callee',
    'callee resume': 'HELD by the caller',
  },
  REJECTED: { 'callee reject': 'REJECTED', 'callee leave': 'REJECTED' },
  BUSY: {},
  CANCELLED: { 'caller cancel': 'CANCELLED', 'caller leave': 'CANCELLED' },
  TIMEOUT: { 'server expire': 'TIMEOUT' },
  HUNG_UP: { 'caller hangUp': 'HUNG_UP', 'callee hangUp': 'HUNG_UP', 'caller leave': 'HUNG_UP', 'callee leave': 'HUNG_UP' },
  FAILED: { 'server fail': 'FAILED' },
};

describe.each(Object.keys(STATES) as Name[])('a call that is %s', (name) => {
  it.each(ACTS)('after: %s', (act) => {
    const expected = TABLE[name][act];
    expect(stateAfter(STATES[name], act)).toEqual(expected === undefined ? null : STATES[expected]);
  });

  it('is the very same when nothing changes', () => {
    for (const act of ACTS.filter((one) => TABLE[name][one] === name)) expect(stateAfter(STATES[name], act)).toBe(STATES[name]);
  });
});
