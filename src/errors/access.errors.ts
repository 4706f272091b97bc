import { DomainError, forbidden } from './domain-error';

/** Told by the gate before a resolver runs, and by services to those who did not come through it. */
export const accountRequired = (): DomainError => forbidden('ACCOUNT_REQUIRED', 'Guests may not do this: sign in.');
export const keyLacksScope = (scope: string | null): DomainError =>
  scope === null
    ? forbidden('API_KEY_SCOPE', 'API keys may not do this.')
    : new DomainError('FORBIDDEN', { reason: 'API_KEY_SCOPE', message: `The API key lacks the scope ${scope}.`, details: { scope } });
