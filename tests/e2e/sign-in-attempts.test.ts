import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { ApiClient } from '../support/api-client';
import type { ApiError } from '../support/api-client';
import { LoginDocument, RegisterDocument } from '../support/generated/graphql';
import { startTestApp } from '../support/test-app';
import type { TestApp } from '../support/test-app';

const PASSWORD = 'a long password';
const PER_ACCOUNT = 10;
let app: TestApp;
let people = 0;

beforeAll(async () => {
  app = await startTestApp({ rateLimits: true });
}, 120_000);
afterAll(() => app.close());

async function register(): Promise<string> {
  const email = `target-${(people += 1)}@example.org`;
  await new ApiClient(app.url).run(RegisterDocument, { input: { email, password: PASSWORD, displayName: 'Target' } });
  return email;
}

/** One document that signs in many times. */
function logins(email: string, passwords: readonly string[]): string {
  const tries = passwords.map((password, n) => `try${n}: login(input: { email: "${email}", password: "${password}" }) { accessToken }`);
  return `mutation { ${tries.join(' ')} }`;
}

async function errorsOf(query: string): Promise<{ reason: string | undefined; path: string | number | undefined }[]> {
  const { json } = await new ApiClient(app.url).post({ query });
  const { errors = [] } = json as { errors?: ApiError[] };
  return errors.map(({ extensions, path }) => ({ reason: extensions.reason, path: path?.[0] }));
}

const rightPassword = (email: string) => new ApiClient(app.url).refused(LoginDocument, { input: { email, password: PASSWORD } });
const tooMany = { code: 'RATE_LIMITED', reason: 'TOO_MANY_ATTEMPTS' };

describe('attempts to sign in', () => {
  it('count one for each alias of a document', async () => {
    const email = await register();
    const aliases = Array<string>(PER_ACCOUNT + 2).fill(PASSWORD);
    expect(await errorsOf(logins(email, aliases))).toEqual([{ reason: 'TOO_MANY_ATTEMPTS', path: `try${PER_ACCOUNT}` }]);
    expect(await rightPassword(email.toUpperCase())).toEqual(tooMany);
  });

  it('that fail end their document: the guesses behind it are not even made', async () => {
    const email = await register();
    expect(await errorsOf(logins(email, ['guess', PASSWORD, PASSWORD]))).toEqual([{ reason: 'INVALID_CREDENTIALS', path: 'try0' }]);
  });

  it('count one for each operation on any socket, beside those over HTTP and by cookies', async () => {
    const email = await register();
    const url = `${app.url.replace('http', 'ws')}/graphql`;
    const sockets = Array.from({ length: 3 }, () => createClient({ url, webSocketImpl: WebSocket }));
    try {
      for (const socket of [...sockets, ...sockets, ...sockets]) {
        for await (const { errors } of socket.iterate({ query: logins(email, ['guess']) })) expect(errors).toHaveLength(1);
      }
      const byCookie = await fetch(`${app.url}/auth/cookie/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: app.url },
        body: JSON.stringify({ email, password: 'guess' }),
      });
      expect(byCookie.status).toBe(401);
      expect(await rightPassword(email)).toEqual(tooMany);
    } finally {
      for (const socket of sockets) await socket.dispose();
    }
  });

  it('cannot come as a batch', async () => {
    const email = await register();
    const batch = Array.from({ length: 20 }, () => ({ query: logins(email, ['guess']) }));
    expect((await new ApiClient(app.url).post(batch)).status).toBe(400);
    await expect(new ApiClient(app.url).run(LoginDocument, { input: { email, password: PASSWORD } })).resolves.toBeDefined();
  });

  it('are answered alike for an account that exists and one that does not', async () => {
    const answersFor = async (email: string) => {
      const answers = [];
      for (let n = 0; n < PER_ACCOUNT + 2; n += 1) answers.push(...(await errorsOf(logins(email, ['guess']))));
      return answers.map(({ reason }) => reason);
    };
    const expected = [...Array<string>(PER_ACCOUNT).fill('INVALID_CREDENTIALS'), 'TOO_MANY_ATTEMPTS', 'TOO_MANY_ATTEMPTS'];
    expect(await answersFor(await register())).toEqual(expected);
    expect(await answersFor('nobody@example.org')).toEqual(expected);
  });
});
