import { CallPhase, callPhaseOf } from '../../../src/modules/attendees/call-phase';

const came = new Date(0);
const present = { status: 'PRESENT', joinedAt: came } as const;
const left = { status: 'LEFT', joinedAt: came } as const;
const expected = { status: 'WAITING', joinedAt: null } as const;
const live = { kind: 'CALL', status: 'LIVE' } as const;

describe('how far a call has come', () => {
  it.each([
    [[expected, expected], CallPhase.CONNECTING],
    [[present, expected], CallPhase.CONNECTING],
    [[left, expected], CallPhase.CONNECTING],
    [[present, present], CallPhase.ACTIVE],
    [[present, left], CallPhase.ENDING],
    [[left, left], CallPhase.ENDING],
  ])('with %j it is %s', (parties, status) => {
    expect(callPhaseOf(live, parties)).toBe(status);
    expect(callPhaseOf({ ...live, status: 'PAUSED' }, parties)).toBe(status);
  });

  it('is said of calls under way alone', () => {
    for (const status of ['SCHEDULED', 'COMPLETED', 'CANCELLED'] as const)
      expect(callPhaseOf({ kind: 'CALL', status }, [present, present])).toBeNull();
    expect(callPhaseOf({ kind: 'CONFERENCE', status: 'LIVE' }, [])).toBeNull();
  });
});
