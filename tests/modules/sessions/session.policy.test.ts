import type { GuestViewer, UserViewer } from '../../../src/lib/viewer';
import { ANONYMOUS } from '../../../src/lib/viewer';
import { canEdit, canRun, oversightOf } from '../../../src/modules/sessions/session.policy';

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

  it('is looked after by who administers its organization, and by who administers the platform', () => {
    expect((['OWNER', 'ADMIN', 'MEMBER', null] as const).map((role) => oversightOf(role, false))).toEqual([
      'organization',
      'organization',
      null,
      null,
    ]);
    expect(oversightOf('ADMIN', true)).toBe('organization');
    expect(oversightOf('MEMBER', true)).toBe('platform');
  });

  it('lets only the host edit', () => {
    expect(viewers.map((viewer) => canEdit(viewer, call))).toEqual([true, false, false, false, false]);
  });
});
