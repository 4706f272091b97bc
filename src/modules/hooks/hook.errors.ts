import { badInput, unauthenticated } from '../../errors/domain-error';

/** One answer for an unknown source, a wrong signature and a time that is too far off. */
export const signatureInvalid = () =>
  unauthenticated('SIGNATURE_INVALID', 'The signature does not match, or its time is more than five minutes off.');
export const bodyNotJson = () => badInput('body', 'is not JSON');
