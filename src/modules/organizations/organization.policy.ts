import type { MembershipRole } from './membership.repository';

const RISING: readonly MembershipRole[] = ['MEMBER', 'ADMIN', 'OWNER'];

/** Each role includes those below it. */
export function reaches(role: MembershipRole, least: MembershipRole): boolean {
  return RISING.indexOf(role) >= RISING.indexOf(least);
}

/** The least role that gives this role to somebody, or takes it from them: only owners make and unmake owners. */
export function leastToGrant(role: MembershipRole): MembershipRole {
  return role === 'OWNER' ? 'OWNER' : 'ADMIN';
}

/** E-mail addresses are for who administers the organization, and everybody's own for themselves. */
export function seesEmailOf(viewer: { userId: string; role: MembershipRole }, member: { userId: string }): boolean {
  return reaches(viewer.role, 'ADMIN') || viewer.userId === member.userId;
}
