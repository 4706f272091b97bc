import type { Page } from 'playwright-core';
import { describeInBrowser } from '../support/browser';
import { ApiClient } from '../support/api-client';
import {
  CompleteProfileDocument,
  ExchangeSignInCodeDocument,
  LinkIdentityDocument,
  LogoutEverywhereDocument,
  RegisterDocument,
  SignInProvidersDocument,
  UpdateProfileDocument,
} from '../support/generated/graphql';
import type { SignInStage } from '../support/sign-in-stage';
import { accountOf, exchange, fragmentOf, PAGE, pageSecret, setSignInStage } from '../support/sign-in-stage';
import { Surfer } from '../support/surfer';
import { APP_BACKENDS } from '../support/test-app';

const STATE_LENGTH = 43;
let stage: SignInStage;
let people = 0;

beforeAll(async () => {
  stage = await setSignInStage();
}, 120_000);
afterAll(() => stage.close());

/** Somebody whom the provider knows. */
function newcomer(claims: object = {}): { login: string; email: string } {
  const login = `person-${(people += 1)}`;
  const email = `${login}@example.org`;
  stage.oidc.people.set(login, { name: login, email, email_verified: true, ...claims });
  return { login, email };
}

function githubPerson(changes: object = {}) {
  const id = 1_000 + (people += 1);
  const emails = [
    { email: `other-${id}@example.org`, primary: false, verified: true },
    { email: `Octo-${id}@example.org`, primary: true, verified: true },
  ];
  return { id, login: `octo-${id}`, name: 'Octo Cat', emails, ...changes };
}

const flows = () => stage.app.database.sql(`SELECT * FROM sign_in_flows`);
const auditOf = async (action: string) => {
  const entries = await stage.app.database.sql<{ details: Record<string, unknown> }>(
    `SELECT details FROM audit_entries WHERE action = $1 ORDER BY at`,
    [action],
  );
  return entries.map(({ details }) => details);
};

describe('sign-in with a provider', () => {
  it('signs a newcomer in, through OpenID Connect and back, with an account of their own', async () => {
    stage.oidc.people.set('ada', { name: 'Ada Lovelace', email: 'Ada@Example.org', email_verified: true });
    const stop = await stage.surf('ada');
    expect(stop.url.href).toMatch(new RegExp(`^${PAGE}#code=[\\w-]{43}$`));
    const { accessToken, user } = await exchange(stage.app, fragmentOf(stop).code);
    expect(user.displayName).toBe('Ada Lovelace');
    expect(await accountOf(stage.app, accessToken)).toMatchObject({
      email: 'ada@example.org',
      emailVerified: true,
      profileComplete: true,
      linkedIdentities: [{ provider: 'company', email: 'ada@example.org' }],
    });
  });

  it('opens the same account when they come again, whatever became of their address', async () => {
    const { login } = newcomer();
    const first = await exchange(stage.app, fragmentOf(await stage.surf(login)).code);
    stage.oidc.people.set(login, { name: 'Renamed', email: 'elsewhere@example.org', email_verified: true });
    const second = await exchange(stage.app, fragmentOf(await stage.surf(login)).code);
    expect(second.user.id).toBe(first.user.id);
    expect((await accountOf(stage.app, second.accessToken)).linkedIdentities).toHaveLength(1);
  });

  it('signs in with GitHub by its API, under the primary address it has verified', async () => {
    const octo = githubPerson();
    stage.github.visitor = octo;
    const { accessToken } = await exchange(stage.app, fragmentOf(await stage.surf('', { provider: 'github' })).code);
    expect(await accountOf(stage.app, accessToken)).toMatchObject({
      email: `octo-${octo.id}@example.org`,
      emailVerified: true,
      user: { displayName: 'Octo Cat' },
      linkedIdentities: [{ provider: 'github' }],
    });
  });

  it('takes no address that GitHub has not verified', async () => {
    const octo = githubPerson({ emails: [{ email: 'unsure@example.org', primary: true, verified: false }] });
    stage.github.visitor = octo;
    const { accessToken } = await exchange(stage.app, fragmentOf(await stage.surf('', { provider: 'github' })).code);
    expect(await accountOf(stage.app, accessToken)).toMatchObject({ email: null, emailVerified: false, profileComplete: false });
  });

  it('tells a page which providers there are', async () => {
    expect(await new ApiClient(stage.app.url).run(SignInProvidersDocument, {})).toEqual({ signInProviders: ['company', 'github'] });
  });

  it('sends S256, state and nonce, none of them what is stored', async () => {
    const surfer = new Surfer();
    const { url } = await surfer.visit(
      `${stage.app.url}/auth/company?returnTo=${PAGE}`,
      (next) => !next.href.startsWith(stage.oidc.issuer),
    );
    const asked = url.searchParams;
    expect(asked.get('code_challenge_method')).toBe('S256');
    expect(asked.get('code_challenge')).toHaveLength(43);
    expect(asked.get('state')).toHaveLength(STATE_LENGTH);
    expect(asked.get('nonce')).toHaveLength(43);
    expect(JSON.stringify(await flows())).not.toContain(asked.get('state'));
  });

  it('keeps the page’s own query, and gives the browser an HttpOnly, Lax cookie', async () => {
    const { login } = newcomer();
    const surfer = new Surfer();
    const begun = await surfer.visit(`${stage.app.url}/auth/company?returnTo=${encodeURIComponent(`${PAGE}?next=/room`)}`, () => false);
    expect(begun.headers.get('set-cookie')).toMatch(/^parley-browser=[\w-]{43}; Max-Age=900; Path=\/; HttpOnly; SameSite=Lax$/);
    const stop = await stage.surf(login, { surfer, query: { returnTo: `${PAGE}?next=/room` } });
    expect(stop.url.href).toMatch(new RegExp(`^${PAGE.replace('.', '\\.')}\\?next=/room#code=`));
  });

  it('two tabs of one browser finish what each began', async () => {
    const { login } = newcomer();
    const surfer = new Surfer();
    const callbacks = [await stage.surfToCallback(login, { surfer }), await stage.surfToCallback(login, { surfer })];
    for (const callback of callbacks.reverse()) {
      const stop = await surfer.visit(callback, (url) => !url.href.startsWith(PAGE));
      expect(fragmentOf(stop)).toEqual({ code: expect.any(String) as string });
    }
  });
});

describe('the profile', () => {
  it('is completed once, and updated from then on', async () => {
    const { login } = newcomer({ name: undefined });
    const { accessToken } = await exchange(stage.app, fragmentOf(await stage.surf(login)).code);
    const client = new ApiClient(stage.app.url, accessToken);
    expect((await accountOf(stage.app, accessToken)).profileComplete).toBe(false);
    const { completeProfile } = await client.run(CompleteProfileDocument, { input: { displayName: ' Nova ' } });
    expect(completeProfile).toMatchObject({ profileComplete: true, user: { displayName: 'Nova' } });
    expect(await client.refused(CompleteProfileDocument, { input: { displayName: 'Again' } })).toEqual({
      code: 'FAILED_PRECONDITION',
      reason: 'PROFILE_COMPLETE',
    });
    const { updateProfile } = await client.run(UpdateProfileDocument, { input: { displayName: 'Novella' } });
    expect(updateProfile.user.displayName).toBe('Novella');
    expect(await client.refused(UpdateProfileDocument, { input: { displayName: ' ' } })).toMatchObject({ code: 'BAD_USER_INPUT' });
  });
});

describe('any instance', () => {
  it('finishes what another began: the flow, and the code', async () => {
    const other = APP_BACKENDS === 'embedded' ? stage.app : await stage.app.another();
    const { login } = newcomer();
    const surfer = new Surfer();
    const callback = await stage.surfToCallback(login, { surfer });
    const stop = await surfer.visit(other.url + callback.pathname + callback.search, (url) => !url.href.startsWith(PAGE));
    const { user } = await exchange(stage.app, fragmentOf(stop).code);
    expect(user.displayName).toBe(login);
  });
});

describe('what is refused before anybody leaves', () => {
  it.each([
    ['another page', 'https://evil.example.org/signed-in'],
    ['a page whose origin only begins alike', 'http://127.0.0.1:1.evil.example.org/signed-in'],
    ['another path of the same origin', 'http://127.0.0.1:1/signed-in/../open-redirect'],
    ['a longer path', `${PAGE}/more`],
    ['another scheme', PAGE.replace('http', 'https')],
    ['another port', PAGE.replace(':1/', ':2/')],
    ['somebody else’s name in front', PAGE.replace('//', '//user:pass@')],
    ['script', 'javascript:alert(1)'],
    ['a relative address', '//evil.example.org'],
    ['nothing', ''],
  ])('a return to %s', async (_, returnTo) => {
    const before = await flows();
    const { status, text, headers } = await new Surfer().visit(
      `${stage.app.url}/auth/company?${new URLSearchParams({ returnTo })}`,
      () => false,
    );
    expect(status).toBe(400);
    expect(headers.get('content-type')).toContain('text/html');
    expect(text).toContain('INVALID_VALUE');
    expect(text).not.toMatch(/evil|alert|at .*\.ts/);
    expect(await flows()).toHaveLength(before.length);
  });

  it.each([
    ['an unknown provider', '/auth/nobody', 404],
    ['the name of something else', '/auth/constructor', 404],
    ['an unknown delivery', '/auth/company?delivery=url', 400],
    ['a challenge that is none', '/auth/company?challenge=short', 400],
    ['a link without a challenge', '/auth/company?delivery=link', 400],
  ])('%s', async (_, path, status) => {
    const url = new URL(path, stage.app.url);
    url.searchParams.set('returnTo', PAGE);
    const answer = await fetch(url, { redirect: 'manual' });
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ errors: [{ extensions: { requestId: expect.any(String) as string } }] });
  });
});

describe('what is refused on the way back', () => {
  /** Everything up to the callback, which is then visited as `tamper` has left it. */
  async function arrive(tamper: (callback: URL, surfer: Surfer) => unknown): Promise<{ shown: string; where: string }> {
    const { login } = newcomer();
    const surfer = new Surfer();
    const callback = await stage.surfToCallback(login, { surfer });
    await tamper(callback, surfer);
    const stop = await surfer.visit(callback, (url) => !url.href.startsWith(PAGE));
    expect(`${stop.text}${stop.url.hash}`).not.toMatch(/\bat .*:\d+|Error:|code=/);
    return { shown: fragmentOf(stop).error ?? /<code>([A-Z_]+)<\/code>/.exec(stop.text)?.[1] ?? stop.text, where: stop.url.origin };
  }

  const elsewhere = (column: string, value: string) => stage.app.database.sql(`UPDATE sign_in_flows SET ${column} = $1`, [value]);
  const onPage = (shown: string) => ({ shown, where: new URL(PAGE).origin });
  const here = (shown: string) => ({ shown, where: stage.app.url });

  it('goes through when nothing is tampered with, so that the refusals below are for their own reason', async () => {
    const { login } = newcomer();
    const surfer = new Surfer();
    const stop = await surfer.visit(await stage.surfToCallback(login, { surfer }), (url) => !url.href.startsWith(PAGE));
    expect(fragmentOf(stop).code).toHaveLength(43);
  });

  it('a state that was never given out', async () => {
    expect(await arrive((url) => url.searchParams.set('state', 'x'.repeat(STATE_LENGTH)))).toEqual(here('SIGN_IN_FLOW_UNKNOWN'));
  });

  it('no state', async () => {
    expect(await arrive((url) => url.searchParams.delete('state'))).toEqual(here('SIGN_IN_FLOW_UNKNOWN'));
  });

  it('two states', async () => {
    expect(await arrive((url) => url.searchParams.append('state', 'other'))).toEqual(here('SIGN_IN_FLOW_UNKNOWN'));
  });

  it('the state of another flow of the same browser, whose verifier and nonce are others', async () => {
    const { shown } = await arrive(async (url, surfer) => {
      const other = await surfer.visit(
        `${stage.app.url}/auth/company?returnTo=${PAGE}`,
        (next) => !next.href.startsWith(stage.oidc.issuer),
      );
      url.searchParams.set('state', other.url.searchParams.get('state') ?? '');
    });
    expect(shown).toBe('PROVIDER_REFUSED');
  });

  it('another browser, which was sent the link', async () => {
    expect(await arrive((_, surfer) => surfer.cookies.delete('parley-browser'))).toEqual(here('SIGN_IN_FLOW_UNKNOWN'));
  });

  it('another browser that has begun a flow of its own', async () => {
    const tamper = (_: URL, surfer: Surfer) => surfer.cookies.set('parley-browser', { value: 'y'.repeat(43), path: '/' });
    expect(await arrive(tamper)).toEqual(here('SIGN_IN_FLOW_UNKNOWN'));
  });

  it('the answer of one provider under the name of the other', async () => {
    const tamper = (url: URL) => (url.pathname = '/auth/github/callback');
    expect(await arrive(tamper)).toEqual(here('SIGN_IN_FLOW_UNKNOWN'));
  });

  it('a replay', async () => {
    const { login } = newcomer();
    const surfer = new Surfer();
    const callback = await stage.surfToCallback(login, { surfer });
    await surfer.visit(callback, () => false);
    const again = await surfer.visit(callback);
    expect(again.status).toBe(400);
    expect(again.text).toContain('SIGN_IN_FLOW_UNKNOWN');
  });

  it('a replay at the same moment: one of them gets through', async () => {
    const { login } = newcomer();
    const surfer = new Surfer();
    const callback = await stage.surfToCallback(login, { surfer });
    const stops = await Promise.all(Array.from({ length: 5 }, () => surfer.visit(callback, (url) => !url.href.startsWith(PAGE))));
    expect(stops.filter((stop) => fragmentOf(stop).code !== undefined)).toHaveLength(1);
  });

  it('a nonce that is not the one we sent', async () => {
    expect(await arrive(() => elsewhere('nonce', 'another-nonce'))).toEqual(onPage('PROVIDER_REFUSED'));
  });

  it('a verifier that the challenge was not made of', async () => {
    expect(await arrive(() => elsewhere('code_verifier', 'v'.repeat(43)))).toEqual(onPage('PROVIDER_REFUSED'));
  });

  it('a code of nobody’s', async () => {
    expect(await arrive((url) => url.searchParams.set('code', 'made-up'))).toEqual(onPage('PROVIDER_REFUSED'));
  });

  it('another issuer’s name', async () => {
    expect(await arrive((url) => url.searchParams.set('iss', 'https://evil.example.org'))).toEqual(onPage('PROVIDER_REFUSED'));
  });

  it('a flow whose time is over', async () => {
    expect(await arrive(() => stage.app.database.sql(`UPDATE sign_in_flows SET expires_at = now()`))).toEqual(onPage('FLOW_EXPIRED'));
  });

  it.each([
    ['access_denied', 'ACCESS_DENIED'],
    ['temporarily_unavailable', 'PROVIDER_UNAVAILABLE'],
    ['invalid_scope', 'PROVIDER_REFUSED'],
    ['<script>alert(1)</script>', 'PROVIDER_REFUSED'],
  ])('an answer with the error %s', async (error, shown) => {
    const tamper = (url: URL) => {
      url.searchParams.delete('code');
      url.searchParams.set('error', error);
    };
    expect(await arrive(tamper)).toEqual(onPage(shown));
  });

  it('a GitHub that says no, whose API fails, or that knows nothing of the code', async () => {
    const { github } = stage;
    github.visitor = null;
    expect(fragmentOf(await stage.surf('', { provider: 'github' }))).toEqual({ error: 'ACCESS_DENIED' });
    github.visitor = githubPerson();
    github.apiStatus = 502;
    expect(fragmentOf(await stage.surf('', { provider: 'github' }))).toEqual({ error: 'PROVIDER_UNAVAILABLE' });
    github.apiStatus = 404;
    expect(fragmentOf(await stage.surf('', { provider: 'github' }))).toEqual({ error: 'PROVIDER_REFUSED' });
    github.apiStatus = 200;
    const surfer = new Surfer();
    const callback = await stage.surfToCallback('', { provider: 'github', surfer });
    await elsewhere('code_verifier', 'v'.repeat(43));
    expect(fragmentOf(await surfer.visit(callback, (url) => !url.href.startsWith(PAGE)))).toEqual({ error: 'PROVIDER_REFUSED' });
  });

  it('is recorded, with codes of ours and of the protocol and nothing that was sent', async () => {
    const failures = await auditOf('sign_in.failed');
    expect(failures).toContainEqual({ method: 'company', reason: 'ACCESS_DENIED', detail: 'access_denied' });
    expect(failures).toContainEqual({ method: 'company', reason: 'PROVIDER_REFUSED', detail: 'UNKNOWN' });
    expect(failures).toContainEqual({ method: 'github', reason: 'PROVIDER_UNAVAILABLE', detail: expect.any(String) as string });
    expect(JSON.stringify(failures)).not.toMatch(/script|made-up|@/);
  });
});

describe('a provider that is away', () => {
  it('sends the browser back to its page', async () => {
    const lonely = await setSignInStage();
    try {
      await Promise.all([lonely.oidc.close(), lonely.github.close()]);
      expect(fragmentOf(await lonely.surf('ada'))).toEqual({ error: 'PROVIDER_UNAVAILABLE' });
    } finally {
      await lonely.close();
    }
  });
});

describe('the code', () => {
  const client = () => new ApiClient(stage.app.url);
  const refused = (input: { code: string; verifier?: string }) => client().refused(ExchangeSignInCodeDocument, { input });
  const invalid = { code: 'UNAUTHENTICATED', reason: 'SIGN_IN_CODE_INVALID' };
  const codeFor = async (query: Record<string, string> = {}) => fragmentOf(await stage.surf(newcomer().login, { query })).code ?? 'no code';

  it('is worth nothing any more once its account has logged out everywhere, or is suspended', async () => {
    const { login } = newcomer();
    const { accessToken, user } = await exchange(stage.app, fragmentOf(await stage.surf(login)).code);
    const { code } = fragmentOf(await stage.surf(login));
    await new ApiClient(stage.app.url, accessToken).run(LogoutEverywhereDocument, {});
    expect(await refused({ code: code ?? '' })).toEqual(invalid);
    const { code: later } = fragmentOf(await stage.surf(login));
    await stage.app.database.sql(`UPDATE users SET suspended_at = now() WHERE id = $1`, [user.id]);
    expect(await refused({ code: later ?? '' })).toEqual(invalid);
    expect(fragmentOf(await stage.surf(login))).toEqual({ error: 'ACCOUNT_SUSPENDED' });
  });

  it('works once', async () => {
    const code = await codeFor();
    await exchange(stage.app, code);
    expect(await refused({ code })).toEqual(invalid);
  });

  it('works for one of many who have it', async () => {
    const code = await codeFor();
    const answers = await Promise.allSettled(Array.from({ length: 10 }, () => exchange(stage.app, code)));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('works for a minute', async () => {
    const code = await codeFor();
    const [{ seconds } = { seconds: 0 }] = await stage.app.database.sql<{ seconds: number }>(
      `SELECT extract(epoch FROM max(expires_at) - now())::float8 AS seconds FROM sign_in_codes`,
    );
    expect(seconds).toBeLessThanOrEqual(60);
    await stage.app.database.sql(`UPDATE sign_in_codes SET expires_at = now()`);
    expect(await refused({ code })).toEqual(invalid);
  });

  it('is stored as a hash alone', async () => {
    const code = await codeFor();
    expect(JSON.stringify(await stage.app.database.sql(`SELECT * FROM sign_in_codes`))).not.toContain(code);
  });

  it('of a page with a verifier works with that alone, and only on the first try', async () => {
    const { verifier, challenge } = pageSecret();
    await expect(exchange(stage.app, await codeFor({ challenge }), verifier)).resolves.toBeDefined();
    for (const wrong of [undefined, pageSecret().verifier]) {
      const code = await codeFor({ challenge });
      expect(await refused({ code, verifier: wrong })).toEqual(invalid);
      expect(await refused({ code, verifier })).toEqual(invalid);
    }
  });

  it('of an attacker’s page, which has no verifier, is of no use to a page that sends its own', async () => {
    expect(await refused({ code: await codeFor(), verifier: pageSecret().verifier })).toEqual(invalid);
  });

  it('for a link signs nobody in, and one for a sign-in links nothing', async () => {
    const { verifier, challenge } = pageSecret();
    const link = await codeFor({ challenge, delivery: 'link' });
    expect(await refused({ code: link, verifier })).toEqual(invalid);
    const registered = await register();
    const input = { code: await codeFor({ challenge }), verifier };
    expect(await client().as(registered.accessToken).refused(LinkIdentityDocument, { input })).toEqual(invalid);
  });
});

async function register(): Promise<{ accessToken: string; email: string }> {
  const email = `registered-${(people += 1)}@example.org`;
  const input = { email, password: 'a long password', displayName: 'Registered' };
  const { register: payload } = await new ApiClient(stage.app.url).run(RegisterDocument, { input });
  return { accessToken: payload.accessToken, email };
}

describe('linking by who is signed in', () => {
  it('adds a way in, with an address of its own', async () => {
    const { accessToken } = await register();
    const { login, email } = newcomer();
    const { verifier, challenge } = pageSecret();
    const { code = '' } = fragmentOf(await stage.surf(login, { query: { challenge, delivery: 'link' } }));
    const { linkIdentity } = await new ApiClient(stage.app.url, accessToken).run(LinkIdentityDocument, { input: { code, verifier } });
    expect(linkIdentity.linkedIdentities).toMatchObject([{ provider: 'company', email }]);
    const signedIn = await exchange(stage.app, fragmentOf(await stage.surf(login)).code);
    expect(signedIn.user.id).toBe(linkIdentity.user.id);
  });

  it('needs somebody who is signed in', async () => {
    const input = { code: 'x', verifier: 'y' };
    expect(await new ApiClient(stage.app.url).refused(LinkIdentityDocument, { input })).toMatchObject({ code: 'UNAUTHENTICATED' });
  });
});

describeInBrowser('a real browser', (browser) => {
  async function open(path: string): Promise<Page> {
    // Our own pages let no script run, a test's either.
    const page = await (await browser().newContext({ bypassCSP: true })).newPage();
    page.setDefaultTimeout(15_000);
    await page.goto(`${stage.app.url}${path}`);
    return page;
  }

  async function signIn(page: Page, login: string): Promise<void> {
    await page.locator('input[name="login"]').fill(login);
    await page.locator('input[name="password"]').fill('any');
    await page.locator('button[type="submit"]').click();
    await page.locator('button[type="submit"]').click();
    await page.waitForURL(`${stage.page}*`);
  }

  it('goes to the provider and comes back with a code that signs in', async () => {
    const page = await open(`/auth/company?returnTo=${stage.page}`);
    await signIn(page, newcomer().login);
    const { user } = await exchange(stage.app, fragmentOf({ url: new URL(page.url()) }).code);
    expect(user.id).toMatch(/^usr_/);
    await page.context().close();
  });

  it('goes to GitHub and comes back', async () => {
    stage.github.visitor = githubPerson();
    const page = await open(`/auth/github?returnTo=${stage.page}`);
    await page.waitForURL(`${stage.page}*`);
    const { user } = await exchange(stage.app, fragmentOf({ url: new URL(page.url()) }).code);
    expect(user.displayName).toBe('Octo Cat');
    await page.context().close();
  });

  it('comes back with cookies that no script reads, and that the server’s own pages are signed in by', async () => {
    const { login, email } = newcomer();
    const page = await open(`/auth/company?returnTo=${stage.page}&delivery=cookie`);
    await signIn(page, login);
    expect(page.url()).toBe(stage.page);
    await page.goto(`${stage.app.url}/livez`);
    expect(await page.evaluate('document.cookie')).toBe('');
    const asked = `fetch('/graphql', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"query":"{ viewer { email } }"}' })`;
    expect(await page.evaluate(`${asked}.then((response) => response.json())`)).toEqual({ data: { viewer: { email } } });
    await page.context().close();
  });

  it('shows a person who was sent somebody else’s link that it is not theirs, and runs nothing', async () => {
    const callback = await stage.surfToCallback(newcomer().login);
    const page = await open(callback.pathname + callback.search);
    expect(await page.locator('h1').textContent()).toBe('Not signed in');
    expect(await page.locator('code').first().textContent()).toBe('SIGN_IN_FLOW_UNKNOWN');
    await page.context().close();
  });
});
