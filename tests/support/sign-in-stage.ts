import { createHash, randomBytes } from 'node:crypto';
import { ApiClient } from './api-client';
import { freePort } from './free-port';
import type { AccountFragment, ExchangeSignInCodeMutation } from './generated/graphql';
import { AccountDocument, ExchangeSignInCodeDocument } from './generated/graphql';
import type { GithubServer } from './github-server';
import { startGithubServer } from './github-server';
import type { OidcServer } from './oidc-server';
import { startOidcServer } from './oidc-server';
import { servePage } from './page-server';
import type { Stop } from './surfer';
import { Surfer } from './surfer';
import type { TestApp, TestAppOptions } from './test-app';
import { startTestApp } from './test-app';

/** A page where browsers may be sent back to. Nothing answers there: a surfer stops on the way. */
export const PAGE = 'http://127.0.0.1:1/signed-in';

export interface SignInStage {
  readonly app: TestApp;
  readonly oidc: OidcServer;
  readonly github: GithubServer;
  /** One that does answer, for a real browser. */
  readonly page: string;
  /** Surfs to the provider, signs in under this login, says yes, and stops where it would leave for the page. */
  surf(login: string, options?: SurfOptions): Promise<Stop>;
  /** The same up to the provider's answer: the callback, not yet visited. */
  surfToCallback(login: string, options?: SurfOptions): Promise<URL>;
  close(): Promise<void>;
}

export interface SurfOptions {
  readonly surfer?: Surfer;
  readonly provider?: 'company' | 'github';
  readonly query?: Readonly<Record<string, string>>;
}

/** A Parley with two providers: a real OpenID Connect one named `company`, and a GitHub. */
export async function setSignInStage(options: TestAppOptions = {}): Promise<SignInStage> {
  const port = await freePort();
  const publicUrl = `http://127.0.0.1:${port}`;
  const [oidc, github, page] = await Promise.all([
    startOidcServer([`${publicUrl}/auth/company/callback`]),
    startGithubServer(),
    servePage(),
  ]);
  const app = await startTestApp({
    ...options,
    port,
    signIn: {
      publicUrl,
      returnUrls: [PAGE, page.url],
      providers: [
        { kind: 'oidc', name: 'company', ...credentialsOf(oidc), issuer: oidc.issuer },
        { kind: 'github', name: 'github', ...credentialsOf(github), webUrl: github.url, apiUrl: github.apiUrl },
      ],
    },
  });

  const isElsewhere = (url: URL): boolean => url.href.startsWith(PAGE);
  const begin = (until: (url: URL) => boolean, { surfer = new Surfer(), provider = 'company', query = {} }: SurfOptions) =>
    surfer.visit(`${app.url}/auth/${provider}?${new URLSearchParams({ returnTo: PAGE, ...query })}`, (url) => !until(url));
  const pass = async (login: string, until: (url: URL) => boolean, surfing: SurfOptions): Promise<Stop> => {
    const surfer = surfing.surfer ?? new Surfer();
    const page = await begin(until, { ...surfing, surfer });
    if (surfing.provider === 'github' || !page.url.href.startsWith(oidc.issuer)) return page;
    const consent = page.text.includes('name="login"') ? await surfer.submit(page, { login, password: 'any' }, (url) => !until(url)) : page;
    return consent.text.includes('<form') ? surfer.submit(consent, {}, (url) => !until(url)) : consent;
  };

  return {
    app,
    oidc,
    github,
    page: page.url,
    surf: (login, surfing = {}) => pass(login, isElsewhere, surfing),
    surfToCallback: async (login, surfing = {}) =>
      (await pass(login, (url) => url.pathname.endsWith('/callback') || isElsewhere(url), surfing)).url,
    close: async () => {
      await app.close();
      await Promise.all([oidc.close(), github.close(), page.close()]);
    },
  };
}

function credentialsOf({ clientId, clientSecret }: { clientId: string; clientSecret: string }) {
  return { clientId, clientSecret };
}

/** What a page finds in its fragment. */
export function fragmentOf({ url }: Pick<Stop, 'url'>): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(url.hash.slice(1)));
}

export function pageSecret(): { verifier: string; challenge: string } {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

/** What a page does with the code it was sent back with. */
export async function exchange(
  app: TestApp,
  code: string | undefined,
  verifier?: string,
): Promise<ExchangeSignInCodeMutation['exchangeSignInCode']> {
  const data = await new ApiClient(app.url).run(ExchangeSignInCodeDocument, { input: { code: code ?? '', verifier } });
  return data.exchangeSignInCode;
}

export async function accountOf(app: TestApp, accessToken: string): Promise<AccountFragment> {
  const { viewer } = await new ApiClient(app.url, accessToken).run(AccountDocument, {});
  if (viewer == null) throw new Error('nobody is signed in');
  return viewer;
}
