import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface GithubPerson {
  readonly id: number;
  readonly login: string;
  readonly name: string | null;
  readonly emails: readonly { readonly email: string; readonly primary: boolean; readonly verified: boolean }[];
}

export interface GithubServer {
  readonly url: string;
  readonly apiUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Whoever comes now is this person, and has said yes; null: says no. */
  visitor: GithubPerson | null;
  /** What the API answers instead of what it should. */
  apiStatus: number;
  close(): Promise<void>;
}

interface Grant {
  readonly person: GithubPerson;
  readonly challenge: string;
  readonly redirectUri: string;
}

const CLIENT = { clientId: 'github-client', clientSecret: 'a-secret-between-parley-and-github' };

/** As GitHub does it: OAuth 2 with PKCE and `iss`, errors of the token endpoint under 200, and a REST API in place of an id_token. */
export async function startGithubServer(): Promise<GithubServer> {
  const codes = new Map<string, Grant>();
  const tokens = new Map<string, GithubPerson>();
  const state = { visitor: null as GithubPerson | null, apiStatus: 200 };

  const authorize = (url: URL, response: ServerResponse): void => {
    const asked = url.searchParams;
    const back = new URL(asked.get('redirect_uri') ?? '');
    back.searchParams.set('state', asked.get('state') ?? '');
    back.searchParams.set('iss', `${github.url}/login/oauth`);
    if (state.visitor === null) back.searchParams.set('error', 'access_denied');
    else {
      const code = randomBytes(10).toString('hex');
      codes.set(code, {
        person: state.visitor,
        challenge: asked.get('code_challenge') ?? '',
        redirectUri: asked.get('redirect_uri') ?? '',
      });
      back.searchParams.set('code', code);
    }
    response.writeHead(302, { location: back.href }).end();
  };

  const giveToken = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const form = new URLSearchParams(await bodyOf(request));
    const grant = codes.get(form.get('code') ?? '');
    codes.delete(form.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    const isGood =
      grant !== undefined && grant.challenge === challenge && grant.redirectUri === form.get('redirect_uri') && knows(request, form);
    if (!isGood)
      return json(response, 200, { error: 'bad_verification_code', error_description: 'The code passed is incorrect or expired.' });
    const token = `gho_${randomBytes(16).toString('hex')}`;
    tokens.set(token, grant.person);
    return json(response, 200, { access_token: token, token_type: 'bearer', scope: 'read:user,user:email' });
  };

  const answerApi = (path: string, request: IncomingMessage, response: ServerResponse): void => {
    const person = tokens.get(/^bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '');
    if (state.apiStatus !== 200 || person === undefined)
      return json(response, state.apiStatus === 200 ? 401 : state.apiStatus, { message: 'No' });
    const { emails, ...user } = person;
    return json(response, 200, path === '/user' ? user : emails);
  };

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', github.url);
    if (url.pathname === '/login/oauth/authorize') authorize(url, response);
    else if (url.pathname === '/login/oauth/access_token') void giveToken(request, response);
    else answerApi(url.pathname.replace('/api/v3', ''), request, response);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const github: GithubServer = Object.assign(state, {
    url,
    apiUrl: `${url}/api/v3`,
    ...CLIENT,
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  });
  return github;
}

function knows({ headers }: IncomingMessage, form: URLSearchParams): boolean {
  const { clientId, clientSecret } = CLIENT;
  const basic = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`;
  return headers.authorization === basic || (form.get('client_id') === clientId && form.get('client_secret') === clientSecret);
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
