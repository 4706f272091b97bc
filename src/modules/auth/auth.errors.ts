import { DomainError, forbidden, preconditionFailed, unauthenticated } from '../../errors/domain-error';

export const tokenInvalid = () => unauthenticated('TOKEN_INVALID', 'The token is not valid.');
export const tokenExpired = () => unauthenticated('TOKEN_EXPIRED', 'The token has expired.');
export const tokenRevoked = () => unauthenticated('TOKEN_REVOKED', 'This sign-in has ended.');

/** Only after a token, a key or a password that is right: nobody else learns it. */
export const accountSuspended = () => unauthenticated('ACCOUNT_SUSPENDED', 'This account is suspended.');

export const connectionNeeded = () =>
  preconditionFailed('CONNECTION_NEEDED', 'Only on a WebSocket: elsewhere each request brings its token.');
export const nothingToRenew = () => preconditionFailed('NOTHING_TO_RENEW', 'This connection came without a token.');
export const notYourConnection = () => forbidden('NOT_YOUR_CONNECTION', 'The token is of another sign-in or attendee than the connection.');

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

/** An API key acts for a person; it never changes how that person signs in. */
export const personRequired = () => forbidden('PERSON_REQUIRED', 'An API key may not do this: sign in.');

export const noPassword = () =>
  preconditionFailed('NO_PASSWORD', 'This account has no password. Sign in again, and set one within ten minutes without a current one.');
export const noEmail = () => preconditionFailed('NO_EMAIL', 'This account has no e-mail address to sign in with by password.');
