import type { GuestViewer, UserViewer } from '../../../src/lib/viewer';
import { ANONYMOUS } from '../../../src/lib/viewer';
import { canEdit, canRun } from '../../../src/modules/sessions/session.policy';

const user = (userId: string): UserViewer => ({ kind: 'user', userId, familyId: 'fam', expiresAt: new Date() });
const guest: GuestViewer = { kind: 'guest', attendeeId: 'host', sessionId: 'ses_1', expiresAt: new Date() };
const viewers = [user('host'), user('advisor'), user('other'), guest, ANONYMOUS];

describe('session policy', () => {
  const conference = { hostId: 'host', advisorId: null };
  const call = { hostId: 'host', advisorId: 'advisor' };

  it('lets the host run a conference, and either party run a call', () => {
    expect(viewers.map((viewer) => canRun(viewer, conference))).toEqual([true, false, false, false, false]);
    expect(viewers.map((viewer) => canRun(viewer, call))).toEqual([true, true, false, false, false]);
  });

  it('lets only the host edit', () => {
    expect(viewers.map((viewer) => canEdit(viewer, call))).toEqual([true, false, false, false, false]);
  });
});
