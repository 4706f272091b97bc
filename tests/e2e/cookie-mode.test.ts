import { print } from 'graphql';
import WebSocket from 'ws';
import { AccountDocument, RegisterDocument } from '../support/generated/graphql';
import { startTestApp } from '../support/test-app';
import type { TestApp } from '../support/test-app';

const FRONT_END = 'https://app.example.org';
const PASSWORD = 'a long password';
let app: TestApp;
let people = 0;

beforeAll(async () => {
  app = await startTestApp({ allowedOrigins: [FRONT_END] });
}, 120_000);
afterAll(() => app.close());

type Headers = Record<string, string>;

const post = (path: string, body: unknown, headers: Headers = {}) =>
  fetch(`${app.url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });
const cookieMode = (name: string, body: unknown = {}, headers: Headers = {}) =>
  post(`/auth/cookie/${name}`, body, { origin: FRONT_END, ...headers });
const ask = (headers: Headers) => post('/graphql', { query: print(AccountDocument) }, headers);

/** What a browser sends back of what it was given. */
function cookieOf(response: Response): string {
  const pairs = response.headers.getSetCookie().map((line) => line.split(';', 1)[0] ?? '');
  return pairs.filter((pair) => !pair.endsWith('=')).join('; ');
}

async function signIn(): Promise<{ cookie: string; email: string; response: Response }> {
  const email = `cookie-${(people += 1)}@example.org`;
  const response = await cookieMode('register', { email, password: PASSWORD, displayName: 'Cookie' });
  expect(response.status).toBe(200);
  return { cookie: cookieOf(response), email, response };
}

async function viewerOf(headers: Headers): Promise<{ email: string } | null> {
  const { data } = (await (await ask(headers)).json()) as { data: { viewer: { email: string } | null } };
  return data.viewer;
}

const refusalOf = async (response: Response) => {
  const { errors } = (await response.json()) as { errors: { extensions: { code: string; reason: string } }[] };
  return { status: response.status, reason: errors[0]?.extensions.reason };
};
const originRefused = { status: 403, reason: 'ORIGIN_NOT_ALLOWED' };

describe('cookie mode', () => {
  it('keeps tokens in HttpOnly, Lax cookies and out of every body', async () => {
    const { cookie, email, response } = await signIn();
    const lines = response.headers.getSetCookie();
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line).toMatch(/^parley-(access|refresh)=[^;]+; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Lax$/);
    const body = await response.text();
    for (const pair of cookie.split('; ')) expect(body).not.toContain(pair.split('=')[1]);
    expect(JSON.parse(body)).toEqual({
      user: { id: expect.stringMatching(/^usr_/) as string, displayName: 'Cookie' },
      expiresAt: expect.any(String) as string,
    });
    expect(await viewerOf({ cookie, origin: FRONT_END })).toMatchObject({ email });
  });

  it('logs in, refreshes once with each cookie, and logs out', async () => {
    const { email } = await signIn();
    const login = await cookieMode('login', { email, password: PASSWORD });
    const refreshed = await cookieMode('refresh', {}, { cookie: cookieOf(login) });
    expect(refreshed.status).toBe(200);
    expect(cookieOf(refreshed)).not.toBe(cookieOf(login));
    expect(await viewerOf({ cookie: cookieOf(refreshed), origin: FRONT_END })).toMatchObject({ email });
    const out = await cookieMode('logout', {}, { cookie: cookieOf(refreshed) });
    expect(out.status).toBe(204);
    expect(out.headers.getSetCookie()).toEqual([expect.stringContaining('Max-Age=0'), expect.stringContaining('Max-Age=0')]);
    expect((await ask({ cookie: cookieOf(refreshed), origin: FRONT_END })).status).toBe(401);
  });

  it('clears the cookies of a sign-in that is over, and ends one whose cookie is used twice', async () => {
    const { cookie } = await signIn();
    const second = await cookieMode('refresh', {}, { cookie });
    const stolen = await cookieMode('refresh', {}, { cookie });
    expect(await refusalOf(stolen)).toEqual({ status: 401, reason: 'REFRESH_TOKEN_REUSED' });
    expect(stolen.headers.getSetCookie().every((line) => line.includes('Max-Age=0'))).toBe(true);
    expect((await ask({ cookie: cookieOf(second), origin: FRONT_END })).status).toBe(401);
  });

  it('refuses what the GraphQL inputs refuse', async () => {
    for (const body of [{}, { email: 'x', password: PASSWORD, displayName: 'X' }, { email: { $ne: '' }, password: [], displayName: 1 }]) {
      expect(await refusalOf(await cookieMode('register', body))).toEqual({ status: 400, reason: 'INVALID_VALUE' });
    }
    expect(await refusalOf(await cookieMode('login', { email: 'nobody@example.org', password: 'wrong' }))).toEqual({
      status: 401,
      reason: 'INVALID_CREDENTIALS',
    });
  });

  it('leaves bearer mode as it is: an Authorization speaks for itself, whatever the cookie and the page', async () => {
    const input = { email: 'bearer@example.org', password: PASSWORD, displayName: 'Bearer' };
    const registered = await post('/graphql', { query: print(RegisterDocument), variables: { input } });
    const { data } = (await registered.json()) as { data: { register: { accessToken: string } } };
    expect(registered.headers.getSetCookie()).toEqual([]);
    const { cookie } = await signIn();
    const authorization = `Bearer ${data.register.accessToken}`;
    expect(await viewerOf({ authorization, cookie, origin: 'https://elsewhere.example.org' })).toMatchObject({ email: input.email });
  });
});

/** Everything that is not a listed origin or our own. */
const FOREIGN: readonly (readonly [string, Headers])[] = [
  ['no origin and no word of the browser', {}],
  ['no origin, from another site', { 'sec-fetch-site': 'cross-site' }],
  ['no origin, from a neighbouring host', { 'sec-fetch-site': 'same-site' }],
  ['another origin', { origin: 'https://evil.example.org' }],
  ['the origin null', { origin: 'null' }],
  ['an origin that only begins alike', { origin: `${FRONT_END}.evil.org` }],
  ['an origin that only ends alike', { origin: 'https://evil-app.example.org' }],
  ['another scheme', { origin: FRONT_END.replace('https', 'http') }],
  ['another port', { origin: `${FRONT_END}:8443` }],
  ['another origin that claims to be ours', { origin: 'https://evil.example.org', 'sec-fetch-site': 'same-origin' }],
];

describe.each(FOREIGN)('a page with %s', (_, headers) => {
  it('reads and changes nothing by the visitor’s cookies', async () => {
    const { cookie } = await signIn();
    expect(await refusalOf(await ask({ cookie, ...headers }))).toEqual(originRefused);
    const url = `${app.url}/graphql?query=${encodeURIComponent('{ viewer { email } }')}`;
    const byGet = await fetch(url, { headers: { cookie, 'apollo-require-preflight': 'x', ...headers } });
    expect(byGet.status).toBe(403);
    const stream = await fetch(`${app.url}/graphql/stream?query={__typename}`, {
      headers: { cookie, accept: 'text/event-stream', ...headers },
    });
    expect(await refusalOf(stream)).toEqual(originRefused);
  });

  it('opens no socket with them: 403 before the upgrade', async () => {
    const { cookie } = await signIn();
    expect(await upgrade({ cookie, ...headers })).toBe(403);
  });

  it('signs nobody in or out', async () => {
    const { cookie, email } = await signIn();
    for (const [name, body] of [
      ['login', { email, password: PASSWORD }],
      ['refresh', {}],
      ['logout', {}],
    ] as const) {
      const response = await post(`/auth/cookie/${name}`, body, { cookie, ...headers });
      expect(await refusalOf(response)).toEqual(originRefused);
      expect(response.headers.getSetCookie()).toEqual([]);
    }
    expect(await viewerOf({ cookie, origin: FRONT_END })).toMatchObject({ email });
  });

  it('is told of no credentials', async () => {
    const { headers: answered } = await fetch(`${app.url}/graphql`, { method: 'OPTIONS', headers });
    expect(answered.get('access-control-allow-credentials')).toBeNull();
    expect(answered.get('access-control-allow-origin')).toBeNull();
  });
});

describe('a page that may', () => {
  it.each([
    ['a listed origin', () => ({ origin: FRONT_END })],
    ['our own origin', () => ({ origin: app.url })],
    ['our own page, whose GET has no origin', () => ({ 'sec-fetch-site': 'same-origin' })],
  ])('by %s is signed in by its cookies, over HTTP and on a socket', async (_, headersOf) => {
    const { cookie, email } = await signIn();
    const headers = headersOf() as unknown as Headers;
    expect(await viewerOf({ cookie, ...headers })).toMatchObject({ email });
    expect(await emailOnSocket({ cookie, ...headers })).toBe(email);
  });

  it('is told so by CORS, by its name', async () => {
    const { headers } = await fetch(`${app.url}/graphql`, { method: 'OPTIONS', headers: { origin: FRONT_END } });
    expect(headers.get('access-control-allow-origin')).toBe(FRONT_END);
    expect(headers.get('access-control-allow-credentials')).toBe('true');
    expect(headers.get('vary')).toContain('Origin');
  });

  it('still sends nothing that a form could: simple requests are 400', async () => {
    const { cookie, email } = await signIn();
    const query = 'mutation { logout }';
    for (const [type, body] of [
      ['text/plain', JSON.stringify({ query })],
      ['application/x-www-form-urlencoded', `query=${encodeURIComponent(query)}`],
      [
        'multipart/form-data; boundary=x',
        `--x\r\ncontent-disposition: form-data; name="operations"\r\n\r\n${JSON.stringify({ query })}\r\n--x--`,
      ],
    ] as const) {
      const headers = { cookie, origin: FRONT_END, 'content-type': type };
      const sent = [app.url + '/graphql', `${app.url}/auth/cookie/logout`].map((url) => fetch(url, { method: 'POST', headers, body }));
      expect((await Promise.all(sent)).map(({ status }) => status)).toEqual([400, 400]);
    }
    const get = `${app.url}/graphql?query=${encodeURIComponent('{ viewer { email } }')}`;
    expect((await fetch(get, { headers: { cookie, origin: FRONT_END } })).status).toBe(400);
    expect((await fetch(get, { headers: { cookie, origin: FRONT_END, 'content-type': 'text/plain;x' } })).status).toBe(400);
    expect(await viewerOf({ cookie, origin: FRONT_END })).toMatchObject({ email });
  });
});

describe('a server that any page may talk to', () => {
  it('believes cookies of its own pages alone, and never allows credentials', async () => {
    const open = await startTestApp();
    try {
      const { headers } = await fetch(`${open.url}/graphql`, { method: 'OPTIONS', headers: { origin: 'https://evil.example.org' } });
      expect(headers.get('access-control-allow-origin')).toBe('*');
      expect(headers.get('access-control-allow-credentials')).toBeNull();
      const send = (origin: string) =>
        fetch(`${open.url}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', cookie: 'parley-access=anything', origin },
          body: JSON.stringify({ query: '{ __typename }' }),
        });
      expect((await send('https://evil.example.org')).status).toBe(403);
      expect(await refusalOf(await send(open.url))).toEqual({ status: 401, reason: 'TOKEN_INVALID' });
    } finally {
      await open.close();
    }
  });
});

function open(headers: Headers): WebSocket {
  return new WebSocket(`${app.url.replace('http', 'ws')}/graphql`, ['graphql-transport-ws'], { headers });
}

/** The HTTP status of a refused upgrade; 101 when it was not refused. */
function upgrade(headers: Headers): Promise<number> {
  const socket = open(headers);
  return new Promise((resolve) => {
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
    socket.on('open', () => {
      socket.terminate();
      resolve(101);
    });
    socket.on('error', () => undefined);
  });
}

async function emailOnSocket(headers: Headers): Promise<string | undefined> {
  const socket = open(headers);
  const told = new Promise<string | undefined>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', (code) => reject(new Error(`closed ${code}`)));
    socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init' })));
    socket.on('message', (data: Buffer) => {
      const { type, payload } = JSON.parse(data.toString()) as { type: string; payload?: { data?: { viewer: { email: string } | null } } };
      if (type === 'connection_ack')
        socket.send(JSON.stringify({ type: 'subscribe', id: '1', payload: { query: '{ viewer { email } }' } }));
      if (type === 'next') resolve(payload?.data?.viewer?.email);
    });
  });
  return told.finally(() => socket.terminate());
}
