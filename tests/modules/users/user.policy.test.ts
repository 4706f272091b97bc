import type { GuestViewer, UserViewer } from '../../../src/lib/viewer';
import { ANONYMOUS } from '../../../src/lib/viewer';
import { canReadUser, requireUser } from '../../../src/modules/users/user.policy';
import { refused } from '../refused';

const user: UserViewer = { kind: 'user', userId: 'usr_1', familyId: 'fam', expiresAt: new Date() };
const guest: GuestViewer = { kind: 'guest', attendeeId: 'att_1', sessionId: 'ses_1', expiresAt: new Date() };

describe('user policy', () => {
  it('shows profiles to whoever came in by some door', () => {
    expect([user, guest, ANONYMOUS].map(canReadUser)).toEqual([true, true, false]);
  });

  it('tells guests and the anonymous what is missing', () => {
    expect(requireUser(user)).toBe(user);
    expect(() => requireUser(guest)).toThrow(expect.objectContaining(refused('FORBIDDEN', 'ACCOUNT_REQUIRED')));
    expect(() => requireUser(ANONYMOUS)).toThrow(expect.objectContaining(refused('UNAUTHENTICATED', 'SIGN_IN_REQUIRED')));
  });
});
