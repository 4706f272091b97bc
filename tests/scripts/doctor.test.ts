import { CHECKS } from '../../scripts/doctor/checks';
import type { Verdict } from '../../scripts/doctor/checks';
import type { DatabaseFacts, Facts, InstanceFacts } from '../../scripts/doctor/facts';
import { askInstance, factsOf } from '../../scripts/doctor/facts';
import type { Config } from '../../src/config/config';
import { loadConfig } from '../../src/config/load';
import { startTestServer } from '../transport/test-server';
import { asOwner, openTestDatabase, testBackends } from '../support/databases';

const SAFE_ENVIRONMENT = {
  NODE_ENV: 'production',
  JWT_SECRET: 'mX3v9qLr7TzK0bYw2HnGcA8sJfUePd5oRiVx1tE4yWu6Qk',
  DATABASE_URL: 'postgres://parley@db.internal.example:5432/parley',
  REDIS_URL: 'rediss://:word@cache.internal.example:6380',
  PARLEY_ALLOWED_ORIGINS: 'https://app.example.org',
  PARLEY_TRUST_PROXY: '10.0.0.0/8',
  PARLEY_MIGRATE: 'off',
};
const DATABASE: DatabaseFacts = {
  superuser: false,
  bypassesRowSecurity: false,
  ownsTables: false,
  encrypted: true,
  statementTimeout: '5s',
  pendingMigrations: [],
  clockAheadMs: -12,
};
const INSTANCE: InstanceFacts = {
  url: 'https://parley.example.org',
  headers: {
    'content-security-policy': "default-src 'none';frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    'strict-transport-security': 'max-age=31536000',
  },
  introspects: false,
  playground: false,
  metrics: false,
  allowedOrigin: null,
  errorAnswer: { mediaType: 'application/json; charset=utf-8', body: '{"errors":[]}' },
};

const configured = (environment: Readonly<Record<string, string | undefined>> = {}): Config =>
  loadConfig({ ...SAFE_ENVIRONMENT, ...environment });
const SAFE: Facts = { config: configured(), problems: [], database: DATABASE, redis: { open: false }, instance: INSTANCE };

function judged(name: string, facts: Facts): Verdict {
  const check = CHECKS.find((each) => each.name === name);
  if (check === undefined) throw new Error(`there is no check ${name}`);
  return check.judge(facts);
}

const inConfig = (environment: Readonly<Record<string, string | undefined>>): Facts => ({ ...SAFE, config: configured(environment) });
const inDatabase = (facts: Partial<DatabaseFacts>): Facts => ({ ...SAFE, database: { ...DATABASE, ...facts } });
const inInstance = (facts: Partial<InstanceFacts>): Facts => ({ ...SAFE, instance: { ...INSTANCE, ...facts } });
const withHeaders = (headers: Readonly<Record<string, string>>): Facts => inInstance({ headers: { ...INSTANCE.headers, ...headers } });
const withHttp = (http: Partial<Config['http']>): Facts => ({
  ...SAFE,
  config: { ...configured(), http: { ...configured().http, ...http } },
});

test.each(CHECKS.map(({ name }) => name))('finds nothing unsafe where all is well: %s', (name) => {
  expect(judged(name, SAFE).state).toBe('ok');
});

test.each<[string, string, Facts]>([
  ['configuration', 'problems', { ...SAFE, config: null, problems: ['JWT_SECRET is required in production'] }],
  ['environment', 'development', inConfig({ NODE_ENV: 'development' })],
  ['token secret', 'one of the documentation', inConfig({ JWT_SECRET: 'at-least-32-bytes-from-openssl-rand-base64-48' })],
  ['token secret', 'one typed by hand', inConfig({ JWT_SECRET: 'abcabcabcabcabcabcabcabcabcabcabcabcabc' })],
  ['rate limits', 'off', inConfig({ NODE_ENV: 'test', PARLEY_RATE_LIMITS: 'off' })],
  ['allowed origins', 'any', inConfig({ NODE_ENV: 'test', PARLEY_ALLOWED_ORIGINS: '*' })],
  ['allowed origins', 'one without TLS', inConfig({ PARLEY_ALLOWED_ORIGINS: 'https://a.example,http://b.example' })],
  ['instance', 'away', { ...SAFE, instance: 'unreachable' }],
  ['cross-site answers', 'anybody', inInstance({ allowedOrigin: '*' })],
  ['cross-site answers', 'whoever asks', inInstance({ allowedOrigin: 'https://stranger.invalid' })],
  ['introspection', 'open', inInstance({ introspects: true })],
  ['playground', 'configured', inConfig({ PARLEY_GRAPHIQL: 'on' })],
  ['playground', 'served', inInstance({ playground: true })],
  ['metrics', 'shown', inInstance({ metrics: true })],
  ['transport encryption', 'none', inInstance({ url: 'http://parley.example.org' })],
  ['transport encryption', 'without HSTS', inInstance({ headers: {} })],
  ['security headers', 'none', inInstance({ headers: {} })],
  [
    'security headers',
    'inline scripts',
    withHeaders({ 'content-security-policy': "default-src 'self' 'unsafe-inline'; frame-ancestors 'none'" }),
  ],
  ['security headers', 'sniffing', withHeaders({ 'x-content-type-options': '' })],
  ['security headers', 'framing', withHeaders({ 'content-security-policy': "default-src 'none'" })],
  ['error answers', 'a page', inInstance({ errorAnswer: { mediaType: 'text/html', body: '<h1>400</h1>' } })],
  ['error answers', 'a stack', inInstance({ errorAnswer: { mediaType: 'application/json', body: '{"stack":"at parse (a.js:1:2)"}' } })],
  ['database', 'embedded', { ...SAFE, database: null }],
  ['database', 'away', { ...SAFE, database: 'unreachable' }],
  [
    'database encryption',
    'none, in public',
    { ...inDatabase({ encrypted: false }), config: configured({ DATABASE_URL: 'postgres://203.0.113.5/parley' }) },
  ],
  ['database role', 'superuser', inDatabase({ superuser: true })],
  ['database role', 'above row security', inDatabase({ bypassesRowSecurity: true })],
  ['database role', 'owner', inDatabase({ ownsTables: true })],
  ['statement timeout', 'none', inDatabase({ statementTimeout: '0' })],
  ['migrations', 'pending', inDatabase({ pendingMigrations: ['20261121_x'] })],
  ['clock', 'ahead', inDatabase({ clockAheadMs: 2_500 })],
  ['clock', 'behind', inDatabase({ clockAheadMs: -2_500 })],
  ['redis password', 'none', { ...SAFE, redis: { open: true } }],
  ['redis password', 'away', { ...SAFE, redis: 'unreachable' }],
  ['redis encryption', 'none, in public', inConfig({ REDIS_URL: 'redis://203.0.113.6' })],
  ['turn secret', 'short', inConfig({ PARLEY_TURN_URLS: 'turn:turn.example.org', PARLEY_TURN_SECRET: 'coturn' })],
  ['log level', 'debug', inConfig({ PARLEY_LOG_LEVEL: 'debug' })],
])('calls it unsafe: %s, %s', (name, _what, facts) => {
  expect(judged(name, facts).state).toBe('unsafe');
});

test.each<[string, Facts]>([
  ['proxies', withHttp({ trustProxy: 1 })],
  ['metrics', { ...SAFE, instance: null }],
  ['metrics', { ...SAFE, instance: 'unreachable' }],
  ['migrations', { ...SAFE, database: 'unreachable' }],
  ['rate limits', { ...SAFE, config: null }],
  ['database encryption', inDatabase({ encrypted: false })],
])('says when it cannot tell: %s', (name, facts) => {
  expect(judged(name, facts).state).toBe('unknown');
});

test.each(['10.1.2.3', '172.16.0.1', '192.168.1.1', '127.0.0.1', '[::1]', '[fd00::1]', 'localhost'])('takes %s for private', (host) => {
  expect(judged('redis encryption', inConfig({ REDIS_URL: `redis://${host}` })).state).toBe('ok');
});

test('shows no secret in what it finds', () => {
  const shown = JSON.stringify(CHECKS.map((check) => check.judge(SAFE)));
  for (const secret of [SAFE_ENVIRONMENT.JWT_SECRET, 'word@']) expect(shown).not.toContain(secret);
});

test('asks a running instance as a stranger would', async () => {
  const open = await startTestServer();
  expect(await askInstance(open.url)).toMatchObject({ introspects: true, playground: true, metrics: true, allowedOrigin: '*' });
  const shut = await startTestServer({ http: { graphiql: false, allowedOrigins: [] }, pipeline: { mayIntrospect: () => false } });
  const facts = await askInstance(shut.url);
  expect(facts).toMatchObject({ introspects: false, playground: false, allowedOrigin: null });
  for (const name of ['security headers', 'error answers']) expect(judged(name, { ...SAFE, instance: facts }).state).toBe('ok');
  await expect(askInstance('http://127.0.0.1:1/')).rejects.toThrow();
});

test.each(testBackends())('asks the database itself on %s', async (kind) => {
  const opened = await openTestDatabase(kind);
  try {
    const facts = await factsOf(opened.database);
    expect(facts).toMatchObject({ superuser: true, ownsTables: true, encrypted: false, pendingMigrations: [] });
    expect(Math.abs(facts.clockAheadMs)).toBeLessThan(2_000);
    const newest = '(SELECT max(migration_name) FROM _prisma_migrations)';
    await asOwner(opened.database, `DELETE FROM _prisma_migrations WHERE migration_name = ${newest}`);
    expect((await factsOf(opened.database)).pendingMigrations).toHaveLength(1);
  } finally {
    await opened.drop();
  }
});
