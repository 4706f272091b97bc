import { createLogger } from '../../src/observability/logger';

test.each([
  { authorization: 'canary' },
  { headers: { authorization: 'canary', cookie: 'canary' } },
  { input: { password: 'canary', email: 'canary' } },
  { tokens: { accessToken: 'canary', refreshToken: 'canary' } },
  { signal: { payload: { sdp: 'canary' } } },
  { message: { body: 'canary' } },
  { query: 'canary', variables: { a: 'canary' } },
  { err: Object.assign(new Error('duplicate key'), { detail: 'Key (email)=(canary)', parameters: ['canary'] }) },
  { err: Object.assign(new Error('invalid input syntax for type integer: "canary"'), { code: '22P02' }) },
  { err: new Error('a query failed: canary', { cause: Object.assign(new Error('value "canary" is out of range'), { state: '22003' }) }) },
  { config: { auth: { jwtKeys: ['canary'] }, backends: { databaseUrl: 'canary' } } },
])('what is secret is not written: %j', (entry) => {
  const lines: string[] = [];
  createLogger({ level: 'info' }, { write: (line) => void lines.push(line) }).info(entry, 'said');
  expect(lines).toHaveLength(1);
  expect(lines[0]).not.toContain('canary');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'info', msg: 'said', time: expect.stringMatching(/^\d{4}-.*Z$/) });
});
