import type { Configuration } from 'openid-client';
import { authorizationCodeGrant, discovery, fetchUserInfo } from 'openid-client';
import type { OidcConfig } from '../../config/config';
import { normalizeEmail } from '../users';
import type { FlowChecks, IdentityProvider, ProvenIdentity } from './identity-provider';
import { asSignInFailure, authorizationUrl, insecureIfPlain, PROVIDER_TIMEOUT_SECONDS } from './open-id-client';
import { SignInFailure } from './sign-in-failure';

/** Any OpenID Connect issuer, Google among them: what its signed id_token says, and its userinfo where that says less. */
export class OidcProvider implements IdentityProvider {
  private found: Promise<Configuration> | null = null;

  constructor(private readonly config: OidcConfig) {}

  get name(): string {
    return this.config.name;
  }

  authorizationUrl(redirectUri: string, checks: FlowChecks): Promise<URL> {
    return asSignInFailure(async () =>
      authorizationUrl(await this.discover(), redirectUri, checks, { scope: 'openid email profile', nonce: checks.nonce }),
    );
  }

  identify(callback: URL, { state, nonce, codeVerifier }: FlowChecks): Promise<ProvenIdentity> {
    return asSignInFailure(async () => {
      const config = await this.discover();
      const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: codeVerifier };
      const tokens = await authorizationCodeGrant(config, callback, checks);
      const claims = tokens.claims();
      if (claims === undefined) throw new SignInFailure('PROVIDER_REFUSED', 'NO_ID_TOKEN');
      const toldAll = claims.email !== undefined || config.serverMetadata().userinfo_endpoint === undefined;
      const told = toldAll ? claims : await fetchUserInfo(config, tokens.access_token, claims.sub);
      return identityOf(this.name, claims.sub, told);
    });
  }

  /** Read once and kept. A failure is not: the issuer may be back when the next one asks. */
  private discover(): Promise<Configuration> {
    const { issuer, clientId, clientSecret } = this.config;
    this.found ??= discovery(new URL(issuer), clientId, clientSecret, undefined, {
      execute: insecureIfPlain(issuer),
      timeout: PROVIDER_TIMEOUT_SECONDS,
    }).catch((error: unknown) => {
      this.found = null;
      throw error;
    });
    return this.found;
  }
}

/** Claims are as the issuer likes: of another type than they should have, they are not there. */
function identityOf(provider: string, subject: string, told: Readonly<Record<string, unknown>>): ProvenIdentity {
  const typed = text(told.email);
  const email = typed === null ? null : normalizeEmail(typed);
  return { provider, subject, email, emailVerified: email !== null && told.email_verified === true, name: text(told.name) };
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}
