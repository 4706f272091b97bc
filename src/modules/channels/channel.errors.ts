import { DomainError, forbidden } from '../../errors/domain-error';

export function channelNameTaken(): DomainError {
  return new DomainError('CONFLICT', { reason: 'CHANNEL_NAME_TAKEN', message: 'The organization has a channel of this name already.' });
}

export function notChannelOwner(): DomainError {
  return forbidden('NOT_CHANNEL_OWNER', 'Only its owner writes in a broadcast channel.');
}
