import type { DomainError } from '../../errors/domain-error';
import { notFound, preconditionFailed } from '../../errors/domain-error';

export const apiKeyNotFound = (): DomainError => notFound('API key');
export const tooManyKeys = (max: number): DomainError =>
  preconditionFailed('TOO_MANY_API_KEYS', `An organization may have ${max} API keys in use: revoke one first.`);
