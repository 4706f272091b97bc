/** Organizations and who belongs to them. Rights come from memberships, read when they are needed. */
export { organizationIds, OrganizationService } from './organization.service';
export type { OrganizationRecord } from './organization.repository';
export { Organization, toOrganization } from './organization.type';
