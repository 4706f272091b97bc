/**
 * Organizations and who belongs to them. Rights come from memberships, read when they are needed; what is open by a role ends with it
 * (`OrganizationService.followRole`).
 */
export { organizationIds, OrganizationService } from './organization.service';
export { MembershipService } from './membership.service';
export { InvitationService } from './invitation.service';
export type { OrganizationRecord } from './organization.repository';
export type { MembershipRole } from './membership.repository';
/** Pure: each role includes those below it. */
export { reaches } from './organization.policy';
/** Port: what a higher room does when somebody no longer belongs to an organization. Wired by `app`. */
export type { Departure, OrganizationCompanion } from './organization.ports';
export { organizationNotFound } from './organization.errors';
export { Organization, toOrganization } from './organization.type';
