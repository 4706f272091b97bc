import { authorizationCodeGrant, Configuration, fetchProtectedResource } from 'openid-client';
import { z } from 'zod';
import type { GithubConfig } from '../../config/config';
import { normalizeEmail } from '../users';
import type { FlowChecks, IdentityProvider, ProvenIdentity } from './identity-provider';
import { asSignInFailure, authorizationUrl, insecureIfPlain, PROVIDER_TIMEOUT_SECONDS } from './open-id-client';
import { SignInFailure } from './sign-in-failure';

const SCOPE = 'read:user user:email';
const HEADERS = { accept: 'application/vnd.github+json', 'user-agent': 'parley' };

const USER = z.object({ id: z.number().int().positive(), name: z.string().nullish(), login: z.string() });
const EMAILS = z.array(z.object({ email: z.string(), primary: z.boolean(), verified: z.boolean() }));

/** GitHub, or a GitHub Enterprise: OAuth 2 without an id_token, so its REST API is asked who the token is for. */
export class GithubProvider implements IdentityProvider {
  private readonly client: Configuration;

  constructor(private readonly config: GithubConfig) {
    const { webUrl, clientId, clientSecret } = config;
    const issuer = `${webUrl}/login/oauth`;
    const endpoints = { authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/access_token` };
    this.client = new Configuration({ issuer, ...endpoints }, clientId, clientSecret);
    this.client.timeout = PROVIDER_TIMEOUT_SECONDS;
    for (const prepare of insecureIfPlain(webUrl)) prepare(this.client);
  }

  get name(): string {
    return this.config.name;
  }

  authorizationUrl(redirectUri: string, checks: FlowChecks): Promise<URL> {
    return asSignInFailure(() => authorizationUrl(this.client, redirectUri, checks, { scope: SCOPE }));
  }

  identify(callback: URL, { state, codeVerifier }: FlowChecks): Promise<ProvenIdentity> {
    return asSignInFailure(async () => {
      const tokens = await authorizationCodeGrant(this.client, callback, { expectedState: state, pkceCodeVerifier: codeVerifier });
      const [user, emails] = await Promise.all([
        this.read(USER, '/user', tokens.access_token),
        this.read(EMAILS, '/user/emails', tokens.access_token),
      ]);
      const primary = emails.find((email) => email.primary);
      const name = user.name?.trim() || user.login;
      const email = primary === undefined ? null : normalizeEmail(primary.email);
      return { provider: this.name, subject: String(user.id), email, emailVerified: primary?.verified === true, name };
    });
  }

  private async read<T>(shape: z.ZodType<T>, path: string, accessToken: string): Promise<T> {
    const url = new URL(this.config.apiUrl + path);
    const response = await fetchProtectedResource(this.client, accessToken, url, 'GET', undefined, new Headers(HEADERS));
    if (!response.ok)
      throw new SignInFailure(response.status >= 500 ? 'PROVIDER_UNAVAILABLE' : 'PROVIDER_REFUSED', `HTTP_${response.status}`);
    const parsed = shape.safeParse(await response.json().catch(() => null));
    if (!parsed.success) throw new SignInFailure('PROVIDER_REFUSED', 'UNEXPECTED_ANSWER');
    return parsed.data;
  }
}
