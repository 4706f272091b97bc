import { CallStatus, callStatusOf } from '../../../src/modules/attendees/call-status';

const came = new Date(0);
const present = { status: 'PRESENT', joinedAt: came } as const;
const left = { status: 'LEFT', joinedAt: came } as const;
const expected = { status: 'WAITING', joinedAt: null } as const;
const live = { kind: 'CALL', status: 'LIVE' } as const;

describe('how far a call has come', () => {
  it.each([
    [[expected, expected], CallStatus.CONNECTING],
    [[present, expected], CallStatus.CONNECTING],
    [[left, expected], CallStatus.CONNECTING],
    [[present, present], CallStatus.ACTIVE],
    [[present, left], CallStatus.ENDING],
    [[left, left], CallStatus.ENDING],
  ])('with %j it is %s', (parties, status) => {
    expect(callStatusOf(live, parties)).toBe(status);
    expect(callStatusOf({ ...live, status: 'PAUSED' }, parties)).toBe(status);
  });

  it('is said of calls under way alone', () => {
    for (const status of ['SCHEDULED', 'COMPLETED', 'CANCELLED'] as const)
      expect(callStatusOf({ kind: 'CALL', status }, [present, present])).toBeNull();
    expect(callStatusOf({ kind: 'CONFERENCE', status: 'LIVE' }, [])).toBeNull();
  });
});
