import type { Configuration } from 'openid-client';
import {
  allowInsecureRequests,
  AuthorizationResponseError,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  ClientError,
  ResponseBodyError,
} from 'openid-client';
import type { FlowChecks } from './identity-provider';
import { SignInFailure } from './sign-in-failure';

/** How long a provider may take for each answer. */
export const PROVIDER_TIMEOUT_SECONDS = 5;

/** Plain http is for providers on this machine and in tests: the configuration refuses it in production. */
export function insecureIfPlain(url: string): ((config: Configuration) => void)[] {
  return url.startsWith('http://') ? [allowInsecureRequests] : [];
}

export async function authorizationUrl(
  config: Configuration,
  redirectUri: string,
  { state, codeVerifier }: FlowChecks,
  parameters: Readonly<Record<string, string>>,
): Promise<URL> {
  return buildAuthorizationUrl(config, {
    ...parameters,
    redirect_uri: redirectUri,
    state,
    code_challenge: await calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
  });
}

/** The library's errors hold what was sent and received: only their code goes on. */
export async function asSignInFailure<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof SignInFailure ? error : toFailure(error);
  }
}

function toFailure(error: unknown): SignInFailure {
  if (error instanceof AuthorizationResponseError) {
    const isRefusal = error.error === 'access_denied';
    const isDown = ['server_error', 'temporarily_unavailable'].includes(error.error);
    return new SignInFailure(isRefusal ? 'ACCESS_DENIED' : isDown ? 'PROVIDER_UNAVAILABLE' : 'PROVIDER_REFUSED', known(error.error));
  }
  if (error instanceof ResponseBodyError) {
    return new SignInFailure(error.status >= 500 ? 'PROVIDER_UNAVAILABLE' : 'PROVIDER_REFUSED', known(error.error));
  }
  if (error instanceof ClientError)
    return new SignInFailure(isAway(error) ? 'PROVIDER_UNAVAILABLE' : 'PROVIDER_REFUSED', known(error.code));
  return new SignInFailure(isFetchFailure(error) ? 'PROVIDER_UNAVAILABLE' : 'PROVIDER_REFUSED', 'UNKNOWN');
}

function isAway({ code, cause }: ClientError): boolean {
  return code === 'OAUTH_TIMEOUT' || (cause instanceof Response && cause.status >= 500) || isFetchFailure(cause);
}

/** What `fetch` throws when nobody answers. */
function isFetchFailure(error: unknown): boolean {
  return String(error) === 'TypeError: fetch failed';
}

/** A word of the protocol; anything else may be what somebody wrote into a URL. */
function known(code: unknown): string {
  return typeof code === 'string' && /^[A-Za-z_]{1,64}$/.test(code) ? code : 'UNKNOWN';
}
