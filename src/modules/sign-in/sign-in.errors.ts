import { badInput, DomainError, notFound, preconditionFailed, unauthenticated } from '../../errors/domain-error';

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
