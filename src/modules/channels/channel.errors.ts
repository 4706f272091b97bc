import { DomainError, forbidden, notFound, preconditionFailed } from '../../errors/domain-error';

export const channelNotFound = (): DomainError => notFound('Channel');
export const channelInvitationNotFound = (): DomainError => notFound('Invitation');
export const channelMemberNotFound = (): DomainError => notFound('Member');

export function channelNameTaken(): DomainError {
  return new DomainError('CONFLICT', { reason: 'CHANNEL_NAME_TAKEN', message: 'The organization has a channel of this name already.' });
}

export function alreadyChannelMember(): DomainError {
  return new DomainError('CONFLICT', { reason: 'ALREADY_CHANNEL_MEMBER', message: 'This person is a member of the channel already.' });
}

export function channelLimitReached(max: number): DomainError {
  return preconditionFailed('CHANNEL_LIMIT_REACHED', `The organization's plan allows ${max} channels.`);
}

export function tooManyInvitations(max: number): DomainError {
  return preconditionFailed('TOO_MANY_INVITATIONS', `A channel has at most ${max} invitations that wait.`);
}

export function channelArchived(): DomainError {
  return preconditionFailed('CHANNEL_ARCHIVED', 'The channel is archived.');
}

export function chatOff(): DomainError {
  return preconditionFailed('CHAT_OFF', 'The chat of this session is off.');
}

export function notChannelOwner(): DomainError {
  return forbidden('NOT_CHANNEL_OWNER', 'Only the owner of the channel may do this.');
}

export function ownerCannotLeave(): DomainError {
  return preconditionFailed('OWNER_CANNOT_LEAVE', 'Hand the channel over first.');
}
