import { canModerate, isGrantable, isParty, takesSeat } from '../../../src/modules/attendees/attendee.policy';
import { AttendeeRole, AttendeeStatus } from '../../../src/modules/attendees/attendee.repository';

const roles = Object.values(AttendeeRole);

describe('attendee policy', () => {
  it('lets hosts, presenters and moderators keep order while they are present, and after they were until the end', () => {
    const moderating = ['HOST', 'PRESENTER', 'MODERATOR'];
    expect(roles.filter((role) => canModerate({ role, status: 'PRESENT', leaveReason: null }))).toEqual(moderating);
    expect(roles.filter((role) => canModerate({ role, status: 'LEFT', leaveReason: 'ended' }))).toEqual(moderating);
    const absent = Object.values(AttendeeStatus).filter((status) => status !== 'PRESENT');
    expect(roles.flatMap((role) => absent.filter((status) => canModerate({ role, status, leaveReason: 'left' })))).toEqual([]);
    expect(roles.filter((role) => canModerate({ role, status: 'REMOVED', leaveReason: 'ended' }))).toEqual([]);
  });

  it('never removes the host, nor a party of a call, and makes nobody one', () => {
    expect(roles.filter((role) => !isParty({ role }))).toEqual(['PRESENTER', 'MODERATOR', 'ATTENDEE']);
    expect(roles.filter(isGrantable)).toEqual(['PRESENTER', 'MODERATOR', 'ATTENDEE']);
  });

  it('gives a seat to everyone but the host', () => {
    expect(roles.filter((role) => !takesSeat({ role }))).toEqual(['HOST']);
  });
});
