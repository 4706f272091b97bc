import { badInput, DomainError, forbidden, notFound, preconditionFailed } from '../../errors/domain-error';

export const messageNotFound = (): DomainError => notFound('Message');

export const notTheSender = (): DomainError => forbidden('NOT_THE_SENDER', 'Only who wrote a message may edit it.');

export const mayNotDelete = (): DomainError =>
  forbidden('NOT_THE_SENDER', 'Only who wrote a message, or who moderates its channel, may delete it.');

export const messageDeletedAlready = (): DomainError => preconditionFailed('MESSAGE_DELETED', 'The message was deleted.');

export const mentionsNobody = (): DomainError =>
  badInput('mentionIds', 'must be ids of people who read the channel: of members, or of attendees who are present');

export const mayNotPin = (): DomainError =>
  forbidden('NOT_CHANNEL_MODERATOR', 'Only who moderates the channel may pin its messages, or take pins off.');

export const tooManyPins = (max: number): DomainError =>
  preconditionFailed('TOO_MANY_PINS', `A channel has at most ${max} pinned messages.`);

export const tooManyEmoji = (max: number): DomainError =>
  preconditionFailed('TOO_MANY_EMOJI', `A message has at most ${max} different reactions.`);

export const clientIdReused = (): DomainError =>
  new DomainError('IDEMPOTENCY_CONFLICT', {
    reason: 'CLIENT_ID_REUSED',
    message: 'This client id was used for another message in this channel.',
  });

export const tooManyMessages = (retryAfterMs: number): DomainError =>
  new DomainError('RATE_LIMITED', { reason: 'MESSAGE_RATE', message: 'Too many messages in this channel.', details: { retryAfterMs } });

/** `details.retryAfterMs` tells how long. */
export const slowMode = (retryAfterMs: number): DomainError =>
  new DomainError('RATE_LIMITED', { reason: 'SLOW_MODE', message: 'The channel is in slow mode.', details: { retryAfterMs } });

export const tooManyReactions = (retryAfterMs: number): DomainError =>
  new DomainError('RATE_LIMITED', { reason: 'REACTION_RATE', message: 'Too many reactions in this channel.', details: { retryAfterMs } });
