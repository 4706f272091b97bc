import type { ProviderConfig, SignInConfig } from './config';
import type { Values } from './variables';

type Rule = readonly [broken: boolean, problem: string];

/** The providers that the environment describes, complete ones only. */
export function toSignIn(values: Values): SignInConfig {
  return { publicUrl: publicUrlOf(values), returnUrls: values.PARLEY_OAUTH_RETURN_URLS, providers: providersOf(values) };
}

export function publicUrlOf(values: Values): string {
  return values.PARLEY_PUBLIC_URL ?? `http://localhost:${values.PORT}`;
}

/** What no single variable can know about sign-in. */
export function signInRules(values: Values): readonly Rule[] {
  const production = values.NODE_ENV === 'production';
  const { PARLEY_PUBLIC_URL: publicUrl, PARLEY_OIDC_ISSUER: issuer } = values;
  const offered = providersOf(values).length > 0;
  const plain = [publicUrl, issuer, values.PARLEY_OAUTH_GITHUB_URL, values.PARLEY_OAUTH_GITHUB_API_URL].some(
    (url) => url?.startsWith('http://') === true && !isLoopback(url),
  );
  return [
    [
      inPart(values.PARLEY_OAUTH_GOOGLE_CLIENT_ID, values.PARLEY_OAUTH_GOOGLE_CLIENT_SECRET),
      'PARLEY_OAUTH_GOOGLE_CLIENT_ID and PARLEY_OAUTH_GOOGLE_CLIENT_SECRET go together',
    ],
    [
      inPart(values.PARLEY_OAUTH_GITHUB_CLIENT_ID, values.PARLEY_OAUTH_GITHUB_CLIENT_SECRET),
      'PARLEY_OAUTH_GITHUB_CLIENT_ID and PARLEY_OAUTH_GITHUB_CLIENT_SECRET go together',
    ],
    [
      inPart(issuer, values.PARLEY_OIDC_CLIENT_ID, values.PARLEY_OIDC_CLIENT_SECRET),
      'PARLEY_OIDC_ISSUER, PARLEY_OIDC_CLIENT_ID and PARLEY_OIDC_CLIENT_SECRET go together',
    ],
    [offered && values.PARLEY_OAUTH_RETURN_URLS.length === 0, 'sign-in by a provider needs PARLEY_OAUTH_RETURN_URLS: pages to go back to'],
    [production && offered && publicUrl === undefined, 'sign-in by a provider needs PARLEY_PUBLIC_URL in production'],
    [production && plain, 'PARLEY_PUBLIC_URL and the URLs of providers must be https in production'],
  ];
}

function providersOf(values: Values): ProviderConfig[] {
  const google = oidc(
    'google',
    'https://accounts.google.com',
    values.PARLEY_OAUTH_GOOGLE_CLIENT_ID,
    values.PARLEY_OAUTH_GOOGLE_CLIENT_SECRET,
  );
  const other = oidc(values.PARLEY_OIDC_NAME, values.PARLEY_OIDC_ISSUER, values.PARLEY_OIDC_CLIENT_ID, values.PARLEY_OIDC_CLIENT_SECRET);
  return [...google, ...githubOf(values), ...other];
}

function oidc(name: string, issuer?: string, clientId?: string, clientSecret?: string): ProviderConfig[] {
  if (issuer === undefined || clientId === undefined || clientSecret === undefined) return [];
  return [{ kind: 'oidc', name, issuer, clientId, clientSecret }];
}

function githubOf(values: Values): ProviderConfig[] {
  const { PARLEY_OAUTH_GITHUB_CLIENT_ID: clientId, PARLEY_OAUTH_GITHUB_CLIENT_SECRET: clientSecret } = values;
  if (clientId === undefined || clientSecret === undefined) return [];
  const { PARLEY_OAUTH_GITHUB_URL: webUrl, PARLEY_OAUTH_GITHUB_API_URL: apiUrl } = values;
  return [{ kind: 'github', name: 'github', webUrl, apiUrl, clientId, clientSecret }];
}

function inPart(...texts: readonly (string | undefined)[]): boolean {
  return texts.some((text) => text === undefined) && texts.some((text) => text !== undefined);
}

function isLoopback(url: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(url).hostname);
}
