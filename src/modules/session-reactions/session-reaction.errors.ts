import { DomainError, preconditionFailed } from '../../errors/domain-error';

export const reactionNotAllowed = (): DomainError =>
  preconditionFailed(
    'REACTION_NOT_ALLOWED',
    'The session does not take this reaction; `settings.reactionEmojis` lists those that it takes.',
  );

export const tooManyReactions = (retryAfterMs: number): DomainError =>
  new DomainError('RATE_LIMITED', { reason: 'REACTION_RATE', message: 'Too many reactions in this session.', details: { retryAfterMs } });
