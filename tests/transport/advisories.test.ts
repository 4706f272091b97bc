import { createRequire } from 'node:module';
import { createSecretKey, generateKeyPairSync } from 'node:crypto';
import { decode, sign } from 'jsonwebtoken';
import WebSocket from 'ws';
import { secretJwtKey } from '../../src/config/jwt-keys';
import { TokenService } from '../../src/modules/auth';
import { startTestServer } from './test-server';
import type { TestServer } from './test-server';

/** Faults of others that were published: each stays shut here, whatever a dependency does. */

const SECRET = 'a-secret-for-tests-of-more-than-32-bytes';
const INTROSPECTION = '{ __schema { queryType { name } } }';

function versionOf(dependency: string): string {
  return (createRequire(__filename)(`${dependency}/package.json`) as { version: string }).version;
}

function isAtLeast(version: string, least: string): boolean {
  return version.localeCompare(least, 'en', { numeric: true }) >= 0;
}

describe('tokens', () => {
  const tokens = new TokenService({ jwtKeys: [secretJwtKey(SECRET)] });
  // Forged after one of ours, whose header names the key.
  const kid = decode(tokens.issueAccess({ userId: 'usr_1', familyId: 'family' }).token, { complete: true })?.header.kid;
  const options = { keyid: kid, issuer: 'parley', audience: 'parley-api', subject: 'usr_1', expiresIn: 60 } as const;
  const claims = { typ: 'access', within: 'family' };

  test('CVE-2022-23540: a token that nobody signed is none, whatever is given as its key', () => {
    for (const alg of ['none', 'None', 'NONE']) {
      const header = Buffer.from(JSON.stringify({ alg, typ: 'JWT', kid })).toString('base64url');
      const [, payload] = sign(claims, SECRET, options).split('.');
      for (const signature of ['', '.', 'AAAA']) {
        expect(() => tokens.verify(`${header}.${payload}.${signature}`)).toThrow(expect.objectContaining({ reason: 'TOKEN_INVALID' }));
      }
    }
  });

  test('CVE-2022-23541: a public key does not pass for a shared secret, nor its owner for us', () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const forgeries = [
      sign(claims, createSecretKey(pem, 'utf8'), { ...options, algorithm: 'HS256' }),
      sign(claims, privateKey, { ...options, algorithm: 'RS256' }),
      sign(claims, privateKey, { ...options, algorithm: 'PS256' }),
    ];
    for (const forgery of forgeries) expect(() => tokens.verify(forgery)).toThrow(expect.objectContaining({ reason: 'TOKEN_INVALID' }));
  });

  test('GHSA-869p-cjfg-cm3x: the library below checks HMACs as it should', () => {
    expect(isAtLeast(versionOf('jws'), '4.0.1')).toBe(true);
    const genuine = tokens.issueAccess({ userId: 'usr_1', familyId: 'family' }).token;
    expect(tokens.verify(genuine)).toMatchObject({ kind: 'user', userId: 'usr_1' });
    const [header, payload, signature = ''] = genuine.split('.');
    for (const tampered of [signature.slice(1), signature.slice(0, -2), `${signature}AA`, '']) {
      expect(() => tokens.verify(`${header}.${payload}.${tampered}`)).toThrow(expect.objectContaining({ reason: 'TOKEN_INVALID' }));
    }
  });
});

describe('requests', () => {
  const ask = (server: TestServer, init: RequestInit, query = ''): Promise<Response> => fetch(`${server.url}/graphql${query}`, init);

  test.each(['utf-7', 'utf-16', 'utf-16le', 'utf-32', 'x-user-defined'])('CVE-2026-23897: a body in %s is not read', async (charset) => {
    const response = await ask(await startTestServer(), {
      method: 'POST',
      headers: { 'content-type': `application/json; charset=${charset}` },
      body: Buffer.from('{"query":"{ hello }"}', 'utf16le'),
    });
    expect([400, 415]).toContain(response.status);
    expect(response.headers.get('content-type')).toContain('json');
  });

  test.each<[string, RequestInit, string]>([
    ['a form', { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'query={hello}' }, ''],
    ['a form of several parts', { method: 'POST', body: formOf({ query: '{ hello }' }) }, ''],
    ['text', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '{"query":"{ hello }"}' }, ''],
    ['nothing said of the body', { method: 'POST', headers: { 'content-type': '' }, body: '{"query":"{ hello }"}' }, ''],
    ['a bare link', {}, '?query={hello}'],
    ['a link with a media type that needs no preflight', { headers: { 'content-type': 'text/plain' } }, '?query={hello}'],
    ['a link with several media types', { headers: { 'content-type': 'text/plain, application/json' } }, '?query={hello}'],
    ['a link with a media type that cannot be read', { headers: { 'content-type': 'text/plain; application/json' } }, '?query={hello}'],
  ])('what another site could send without asking is refused (XS-search, forgery): %s', async (_what, init, query) => {
    const server = await startTestServer();
    const response = await ask(server, init, query);
    expect([400, 415]).toContain(response.status);
    expect(await response.text()).not.toContain('"data"');
    expect(server.stage.contexts).toEqual([]);
  });
});

describe('sockets', () => {
  test('CVE-2026-48779: the installed ws bounds fragments', () => {
    expect(isAtLeast(versionOf('ws'), '8.21.0')).toBe(true);
  });

  test.each([['graphql-ws'], ['graphql-subscriptions'], [undefined]])(
    'CVE-2026-35523, its pattern: no operation runs on the subprotocol %s',
    async (protocol) => {
      const server = await startTestServer();
      const socket = new WebSocket(server.wsUrl, protocol === undefined ? [] : [protocol]);
      const ended = new Promise((resolve) => socket.on('close', resolve).on('error', resolve));
      socket.on('open', () => {
        socket.send(JSON.stringify({ type: 'start', id: '1', payload: { query: '{ hello }' } }));
        socket.send(JSON.stringify({ type: 'subscribe', id: '1', payload: { query: '{ hello }' } }));
      });
      await ended;
      expect(server.stage.contexts).toEqual([]);
    },
  );

  test('GHSA-w42g-7vfc-xf37, its pattern: what may not be asked over HTTP may not be asked on a socket either', async () => {
    const server = await startTestServer({ pipeline: { mayIntrospect: () => false } });
    const overHttp = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: INTROSPECTION }),
    });
    const { errors } = (await overHttp.json()) as { errors: { message: string; extensions: { code: string } }[] };
    const told = await answerOnSocket(server, INTROSPECTION);
    expect(told).toMatchObject({
      type: 'error',
      payload: [{ message: errors[0]?.message, extensions: { code: errors[0]?.extensions.code } }],
    });
  });
});

function formOf(fields: Readonly<Record<string, string>>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return form;
}

function answerOnSocket(server: TestServer, query: string): Promise<unknown> {
  const socket = new WebSocket(server.wsUrl, 'graphql-transport-ws');
  return new Promise((resolve) => {
    socket.on('open', () => socket.send('{"type":"connection_init"}'));
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as { type: string };
      if (message.type === 'connection_ack') return socket.send(JSON.stringify({ type: 'subscribe', id: '1', payload: { query } }));
      socket.close();
      resolve(message);
    });
  });
}
