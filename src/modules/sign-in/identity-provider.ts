/** Who somebody is at a provider, as the provider told us itself. */
export interface ProvenIdentity {
  readonly provider: string;
  /** The provider's own, unchanging id of the person. */
  readonly subject: string;
  /** As `normalizeEmail` makes it. */
  readonly email: string | null;
  /** Whether the provider vouches that the address is this person's. */
  readonly emailVerified: boolean;
  readonly name: string | null;
}

/** What binds the answer of a provider to the question that was asked. */
export interface FlowChecks {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

/** Somebody else who can say who a person is. Both methods throw `SignInFailure` and nothing else. */
export interface IdentityProvider {
  readonly name: string;
  /** Where the browser is sent to. */
  authorizationUrl(redirectUri: string, checks: FlowChecks): Promise<URL>;
  /** Who came back with `callback`, the whole URL of our redirect URI as the provider filled it in. */
  identify(callback: URL, checks: FlowChecks): Promise<ProvenIdentity>;
}
