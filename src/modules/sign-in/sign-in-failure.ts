/** The closed list of `error=` that a page may be sent back with. */
export const SIGN_IN_FAILURES = {
  ACCESS_DENIED: 'The person, or the provider, said no.',
  PROVIDER_UNAVAILABLE: 'The provider cannot be reached or is failing: try again later.',
  PROVIDER_REFUSED: 'What the provider answered is not the answer to what was asked, or it refused us: start again.',
  EMAIL_TAKEN: 'The address belongs to an account that another identity of this provider opens: unlink that one first.',
  ACCOUNT_SUSPENDED: 'The account is suspended.',
  FLOW_EXPIRED: 'It took longer than ten minutes: start again.',
} as const;

export type SignInFailureCode = keyof typeof SIGN_IN_FAILURES;

/** Why signing in with a provider came to nothing. `detail` is a code of the library's or a name of the protocol, never what was sent. */
export class SignInFailure extends Error {
  constructor(
    readonly code: SignInFailureCode,
    readonly detail: string,
    options?: ErrorOptions,
  ) {
    super(SIGN_IN_FAILURES[code], options);
  }
}
