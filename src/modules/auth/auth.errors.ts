import { DomainError, unauthenticated } from '../../errors/domain-error';

export const tokenInvalid = () => unauthenticated('TOKEN_INVALID', 'The token is not valid.');
export const tokenExpired = () => unauthenticated('TOKEN_EXPIRED', 'The token has expired.');
export const tokenRevoked = () => unauthenticated('TOKEN_REVOKED', 'This sign-in has ended.');

/** One answer for an unknown address and for a wrong password. */
export const credentialsInvalid = () => unauthenticated('INVALID_CREDENTIALS', 'E-mail or password is wrong.');

export const refreshTokenInvalid = () => unauthenticated('REFRESH_TOKEN_INVALID', 'The refresh token is not valid.');
export const refreshTokenReused = () =>
  unauthenticated('REFRESH_TOKEN_REUSED', 'The refresh token was used before; for safety this sign-in has ended. Log in again.');

export function tooManyAttempts(retryAfterMs: number): DomainError {
  return new DomainError('RATE_LIMITED', {
    reason: 'TOO_MANY_ATTEMPTS',
    message: 'Too many attempts. Try again later.',
    details: { retryAfterMs },
  });
}
