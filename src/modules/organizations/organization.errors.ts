import { DomainError, forbidden, notFound, preconditionFailed } from '../../errors/domain-error';
import type { MembershipRole } from './membership.repository';

export const organizationNotFound = (): DomainError => notFound('Organization');
export const memberNotFound = (): DomainError => notFound('Member');
export const invitationNotFound = (): DomainError => notFound('Invitation');
export const roleTooLow = (least: MembershipRole): DomainError =>
  forbidden('ORGANIZATION_ROLE_TOO_LOW', `This takes the role ${least} in the organization.`);
export const lastOwner = (): DomainError => preconditionFailed('LAST_OWNER', 'An organization needs an owner: make another one first.');
export const alreadyMember = (): DomainError =>
  new DomainError('CONFLICT', { reason: 'ALREADY_MEMBER', message: 'This person belongs to the organization already.' });
