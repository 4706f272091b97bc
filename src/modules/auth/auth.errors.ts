import { badInput, DomainError, forbidden, notFound, preconditionFailed, unauthenticated } from '../../errors/domain-error';

export const tokenInvalid = () => unauthenticated('TOKEN_INVALID', 'The token is not valid.');
export const tokenExpired = () => unauthenticated('TOKEN_EXPIRED', 'The token has expired.');
export const tokenRevoked = () => unauthenticated('TOKEN_REVOKED', 'This sign-in has ended.');

/** Only after a token, a key or a password that is right: nobody else learns it. */
export const accountSuspended = () => unauthenticated('ACCOUNT_SUSPENDED', 'This account is suspended.');
export const cannotSuspendYourself = () => preconditionFailed('CANNOT_SUSPEND_YOURSELF', 'Ask another administrator.');

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

export const identityNotFound = () => notFound('Linked identity');
export const lastWayIn = () => preconditionFailed('LAST_WAY_IN', 'This is the last way into the account: add another first.');
export const identityTaken = () =>
  new DomainError('CONFLICT', { reason: 'IDENTITY_TAKEN', message: 'This identity opens another account already.' });
export const providerLinkedAlready = () =>
  new DomainError('CONFLICT', {
    reason: 'PROVIDER_LINKED_ALREADY',
    message: 'Another identity of this provider is linked: unlink it first.',
  });

/** One answer for a state that was never given out, was used before, or is another browser's. */
export const flowUnknown = () =>
  preconditionFailed('SIGN_IN_FLOW_UNKNOWN', 'This sign-in was not begun in this browser, or is finished already. Start again.');
export const signInCodeInvalid = () => unauthenticated('SIGN_IN_CODE_INVALID', 'The sign-in code is not valid any more.');
export const returnUrlRefused = () => badInput('returnTo', 'is not a page that this server may send browsers to');
export const challengeInvalid = () => badInput('challenge', 'must be a SHA-256 hash in base64url');
export const challengeRequired = () => badInput('challenge', 'is required to link');
export const profileComplete = () => preconditionFailed('PROFILE_COMPLETE', 'This profile is complete already: update it instead.');
