import type { KeyObject } from 'node:crypto';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Config } from '../../src/config/config';
import { secretJwtKey } from '../../src/config/jwt-keys';
import { ConfigError, loadConfig } from '../../src/config/load';

const SECRET = 'a-secret-for-tests-of-more-than-32-bytes';
const POSTGRES = 'postgres://parley:hush@db:5432/parley';
const OWNER = 'postgres://owner@db/parley';
const CLUSTER = { DATABASE_URL: POSTGRES, PARLEY_REDIS_CLUSTER: 'on' };

/** The smallest environment that touches no disk. */
const load = (env: Record<string, string> = {}): Config => loadConfig({ PARLEY_DATA_DIR: 'memory://', ...env });

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    load(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

const GITHUB = {
  PARLEY_OAUTH_GITHUB_CLIENT_ID: 'github-id',
  PARLEY_OAUTH_GITHUB_CLIENT_SECRET: 'github-secret',
  PARLEY_OAUTH_RETURN_URLS: 'https://app.example.org/signed-in',
};
const HOOK_SECRET = 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const OLD_HOOK_SECRET = 'C2FVsBQIhrscChlQIMV+b5sSYspob7oD';

describe('loadConfig', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'parley-config-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  describe('defaults', () => {
    it('needs nothing: embedded, on this machine only, with the playground', () => {
      expect(load()).toEqual({
        environment: 'development',
        http: {
          port: 4000,
          host: '127.0.0.1',
          graphiql: true,
          allowedOrigins: null,
          rateLimits: true,
          trustProxy: 0,
          publicUrl: 'http://localhost:4000',
          secureCookies: false,
        },
        backends: {
          databaseUrl: null,
          migrationDatabaseUrl: null,
          databaseRole: 'parley_app',
          redis: null,
          dataDir: 'memory://',
          redisPrefix: 'parley:',
          poolSize: 10,
          preparedStatements: 100,
          rateLimits: true,
        },
        auth: { jwtKeys: [{ algorithm: 'HS256', key: expect.anything() as unknown }] },
        signIn: { publicUrl: 'http://localhost:4000', returnUrls: [], providers: [] },
        ice: { stunUrls: ['stun:stun.l.google.com:19302'], turnUrls: [], turnSecret: null },
        livekit: null,
        hooks: {},
        mail: null,
        sessions: { orphanAfterMs: 3_600_000, graceMs: 20_000, sfuAbove: null, joinUrl: 'http://localhost:4000/join/{code}' },
        channels: { archiveAfterMs: 90 * 86_400_000, messagesPerMinute: 100 },
        log: { level: 'info' },
        migrateAtStart: true,
      });
    });

    it('in production listens everywhere, without playground and for no other origin', () => {
      const { http } = load({ NODE_ENV: 'production', JWT_SECRET: SECRET });
      expect(http).toMatchObject({ host: '0.0.0.0', graphiql: false, allowedOrigins: [] });
    });

    it('keeps the embedded store in .parley of the project, wherever it is started from', () => {
      const { backends } = loadConfig({ JWT_SECRET: SECRET });
      expect(backends.dataDir).toBe(resolve(__dirname, '../../.parley'));
    });

    it('takes an empty variable for an unset one', () => {
      expect(load({ PORT: '', DATABASE_URL: '', JWT_SECRET_FILE: '' })).toMatchObject({
        http: { port: 4000 },
        backends: { databaseUrl: null },
      });
    });
  });

  it('reads every variable', () => {
    const config = load({
      NODE_ENV: 'test',
      PORT: '0',
      HOST: '::1',
      DATABASE_URL: POSTGRES,
      PARLEY_MIGRATION_DATABASE_URL: OWNER,
      PARLEY_DATABASE_ROLE: 'parley_blue',
      REDIS_URL: 'rediss://cache:6380/1',
      JWT_SECRET: SECRET,
      PARLEY_DATA_DIR: directory,
      PARLEY_RATE_LIMITS: 'off',
      PARLEY_GRAPHIQL: 'off',
      PARLEY_ALLOWED_ORIGINS: 'https://app.example.org, http://localhost:5173',
      PARLEY_TRUST_PROXY: 'on',
      PARLEY_LOG_LEVEL: 'debug',
      PARLEY_POOL_SIZE: '25',
      PARLEY_PREPARED_STATEMENTS: '0',
      PARLEY_REDIS_PREFIX: 'parley-blue:',
      PARLEY_REDIS_CLUSTER: 'off',
      PARLEY_MIGRATE: 'off',
      PARLEY_ORPHAN_AFTER: '90s',
      PARLEY_CHANNEL_ARCHIVE_AFTER: '12h',
      PARLEY_MESSAGES_PER_MINUTE: '6000',
      PARLEY_ATTENDEE_GRACE: '1m',
      PARLEY_JOIN_URL: 'https://app.example.org/join/{code}',
      PARLEY_STUN_URLS: 'none',
      PARLEY_TURN_URLS: 'turn:turn.example.org:3478?transport=udp,turns:turn.example.org',
      PARLEY_SMTP_URL: 'smtps://parley:secret@mail.example.org:465',
      PARLEY_MAIL_FROM: 'Parley <parley@example.org>',
      PARLEY_HOOKS: `payments:whsec_${HOOK_SECRET}, payments:${OLD_HOOK_SECRET}, shop:whsec_${HOOK_SECRET}`,
      PARLEY_TURN_SECRET: 'coturn',
      PARLEY_LIVEKIT_URL: 'wss://media.example.org',
      PARLEY_LIVEKIT_API_KEY: 'APIkey',
      PARLEY_LIVEKIT_API_SECRET: SECRET,
      PARLEY_SFU_ABOVE: '50',
      PARLEY_PUBLIC_URL: 'https://api.example.org/',
      PARLEY_OAUTH_RETURN_URLS: 'https://app.example.org/, https://app.example.org/signed-in',
      PARLEY_OAUTH_GOOGLE_CLIENT_ID: 'google-id',
      PARLEY_OAUTH_GOOGLE_CLIENT_SECRET: 'google-secret',
      PARLEY_OAUTH_GITHUB_CLIENT_ID: 'github-id',
      PARLEY_OAUTH_GITHUB_CLIENT_SECRET: 'github-secret',
      PARLEY_OAUTH_GITHUB_URL: 'https://github.example.org',
      PARLEY_OAUTH_GITHUB_API_URL: 'https://github.example.org/api/v3',
      PARLEY_OIDC_ISSUER: 'https://id.example.org',
      PARLEY_OIDC_CLIENT_ID: 'company-id',
      PARLEY_OIDC_CLIENT_SECRET: 'company-secret',
      PARLEY_OIDC_NAME: 'company',
    });
    expect(config).toEqual({
      environment: 'test',
      http: {
        port: 0,
        host: '::1',
        graphiql: false,
        allowedOrigins: ['https://app.example.org', 'http://localhost:5173'],
        rateLimits: false,
        trustProxy: 1,
        publicUrl: 'https://api.example.org',
        secureCookies: true,
      },
      backends: {
        databaseUrl: POSTGRES,
        migrationDatabaseUrl: OWNER,
        databaseRole: 'parley_blue',
        redis: { kind: 'server', url: 'rediss://cache:6380/1' },
        dataDir: directory,
        redisPrefix: 'parley-blue:',
        poolSize: 25,
        preparedStatements: 0,
        rateLimits: false,
      },
      auth: { jwtKeys: [secretJwtKey(SECRET)] },
      signIn: {
        publicUrl: 'https://api.example.org',
        returnUrls: ['https://app.example.org/', 'https://app.example.org/signed-in'],
        providers: [
          {
            kind: 'oidc',
            name: 'google',
            issuer: 'https://accounts.google.com',
            clientId: 'google-id',
            clientSecret: 'google-secret',
          },
          {
            kind: 'github',
            name: 'github',
            webUrl: 'https://github.example.org',
            apiUrl: 'https://github.example.org/api/v3',
            clientId: 'github-id',
            clientSecret: 'github-secret',
          },
          { kind: 'oidc', name: 'company', issuer: 'https://id.example.org', clientId: 'company-id', clientSecret: 'company-secret' },
        ],
      },
      ice: { stunUrls: [], turnUrls: ['turn:turn.example.org:3478?transport=udp', 'turns:turn.example.org'], turnSecret: 'coturn' },
      livekit: { url: 'wss://media.example.org', apiKey: 'APIkey', apiSecret: SECRET },
      hooks: { payments: [HOOK_SECRET, OLD_HOOK_SECRET], shop: [HOOK_SECRET] },
      mail: { smtpUrl: 'smtps://parley:secret@mail.example.org:465', from: 'Parley <parley@example.org>' },
      sessions: { orphanAfterMs: 90_000, graceMs: 60_000, sfuAbove: 50, joinUrl: 'https://app.example.org/join/{code}' },
      channels: { archiveAfterMs: 12 * 3_600_000, messagesPerMinute: 6_000 },
      log: { level: 'debug' },
      migrateAtStart: false,
    });
  });

  it.each(['off', '0'])('never ends orphans, and loses nobody, with PARLEY_ORPHAN_AFTER and PARLEY_ATTENDEE_GRACE=%s', (text) => {
    expect(load({ PARLEY_ORPHAN_AFTER: text, PARLEY_ATTENDEE_GRACE: text }).sessions).toMatchObject({ orphanAfterMs: null, graceMs: null });
  });

  it('sends those who join to the page named, or to one of its own', () => {
    const pages: Record<string, string>[] = [
      {},
      { PARLEY_PUBLIC_URL: 'https://api.example.org' },
      { PARLEY_JOIN_URL: 'https://app.example.org/in/{code}' },
    ];
    expect(pages.map((page) => load(page).sessions.joinUrl)).toEqual([
      'http://localhost:4000/join/{code}',
      'https://api.example.org/join/{code}',
      'https://app.example.org/in/{code}',
    ]);
    for (const PARLEY_JOIN_URL of ['https://app.example.org/join', 'javascript:{code}', '{code}'])
      expect(() => load({ PARLEY_JOIN_URL })).toThrow();
  });

  it('reads the nodes of a cluster, one or many', () => {
    const nodesOf = (urls: string): unknown => load({ ...CLUSTER, REDIS_URL: urls }).backends.redis;
    expect(nodesOf('redis://a:7000, redis://[::1]:7001')).toEqual({ kind: 'cluster', seeds: ['redis://a:7000', 'redis://[::1]:7001'] });
    expect(nodesOf('rediss://:word@endpoint')).toEqual({ kind: 'cluster', seeds: ['rediss://:word@endpoint'] });
  });

  it.each([
    ['off', 0],
    ['on', 1],
    ['2', 2],
    ['10.0.0.0/8, 192.0.2.7,2001:db8::/32', ['10.0.0.0/8', '192.0.2.7', '2001:db8::/32']],
  ])('trusts the proxies of PARLEY_TRUST_PROXY=%s', (text, trustProxy) => {
    expect(load({ PARLEY_TRUST_PROXY: text }).http).toMatchObject({ trustProxy });
  });

  it('keeps the secrets of sources whose names mean something to JavaScript', () => {
    expect(load({ PARLEY_HOOKS: `constructor:whsec_${HOOK_SECRET}` }).hooks).toEqual({ constructor: [HOOK_SECRET] });
  });

  describe('faults', () => {
    it('lists all of them at once, in one error that can be read', () => {
      const faulty = { PORT: 'eighty', PARLEY_LOG_LEVEL: 'loud', PARLEY_RATE_LIMIT: 'off', REDIS_URL: 'http://cache' };
      expect(problemsOf(faulty)).toEqual([
        'PARLEY_RATE_LIMIT is not a setting of Parley; did you mean PARLEY_RATE_LIMITS?',
        'PORT must be a whole number from 0 to 65535, not "eighty"',
        'REDIS_URL must be a redis or rediss URL',
        'PARLEY_LOG_LEVEL must be fatal, error, warn, info, debug or silent, not "loud"',
      ]);
      expect(() => load(faulty)).toThrow(/^The configuration has 4 problems:\n {2}- PARLEY_RATE_LIMIT is not/);
    });

    it.each([
      ['PARLEY_PUBLIC_URL', 'https://api.example.org/?x'],
      ['PARLEY_OAUTH_RETURN_URLS', 'https://app.example.org/#here'],
      ['PARLEY_OIDC_NAME', 'google'],
      ['NODE_ENV', 'staging'],
      ['PORT', '65536'],
      ['PORT', '-1'],
      ['PORT', '4000.5'],
      ['HOST', 'two hosts'],
      ['DATABASE_URL', 'mysql://db/parley'],
      ['DATABASE_URL', 'db:5432'],
      ['REDIS_URL', 'localhost'],
      ['REDIS_URL', 'redis://a,'],
      ['PARLEY_REDIS_CLUSTER', 'yes'],
      ['JWT_SECRET', 'x'.repeat(31)],
      ['PARLEY_DATA_DIR', 's3://bucket'],
      ['PARLEY_RATE_LIMITS', 'false'],
      ['PARLEY_GRAPHIQL', 'yes'],
      ['PARLEY_ALLOWED_ORIGINS', 'app.example.org'],
      ['PARLEY_ALLOWED_ORIGINS', 'https://app.example.org/path'],
      ['PARLEY_ALLOWED_ORIGINS', '*,https://app.example.org'],
      ['PARLEY_TRUST_PROXY', 'yes'],
      ['PARLEY_TRUST_PROXY', '11'],
      ['PARLEY_TRUST_PROXY', '10.0.0.0/33'],
      ['PARLEY_TRUST_PROXY', '10.0.0.1,proxy.example.org'],
      ['PARLEY_TRUST_PROXY', '10.0.0.0/8/8'],
      ['PARLEY_SMTP_URL', 'http://mail.example.org'],
      ['PARLEY_MAIL_FROM', 'Parley <parley@example.org>\nBcc: eve@example.org'],
      ['PARLEY_HOOKS', 'payments'],
      ['PARLEY_HOOKS', 'payments:whsec_c2hvcnQ='],
      ['PARLEY_HOOKS', 'Payments:whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
      ['PARLEY_LOG_LEVEL', 'verbose'],
      ['PARLEY_POOL_SIZE', '0'],
      ['PARLEY_PREPARED_STATEMENTS', '-1'],
      ['PARLEY_REDIS_PREFIX', 'with space'],
      ['PARLEY_MIGRATE', 'later'],
      ['PARLEY_ORPHAN_AFTER', '3600'],
      ['PARLEY_ORPHAN_AFTER', '59s'],
      ['PARLEY_ORPHAN_AFTER', '25h'],
      ['PARLEY_ORPHAN_AFTER', '-1m'],
      ['PARLEY_STUN_URLS', 'stun.example.org'],
      ['PARLEY_TURN_URLS', 'stun:stun.example.org'],
    ])('refuses %s=%s', (name, value) => {
      const [problem, ...more] = problemsOf({ [name]: value });
      expect(problem).toContain(name);
      expect(more).toEqual([]);
    });

    it('counts the bytes of a secret, not its letters', () => {
      expect(problemsOf({ JWT_SECRET: 'é'.repeat(16) })).toEqual([]);
    });

    it('never shows a secret', () => {
      const told = problemsOf({ JWT_SECRET: 'hush', DATABASE_URL: 'mysql://parley:hush@db', REDIS_URL: 'http://:hush@cache' });
      expect(told).toHaveLength(3);
      expect(told.join()).not.toContain('hush');
    });
  });

  describe('unknown names', () => {
    it.each([
      ['PARLEY_RATELIMITS', 'PARLEY_RATE_LIMITS'],
      ['PARLEY_GRAPHQL', 'PARLEY_GRAPHIQL'],
      ['PARLEY_PORT', 'PORT'],
      ['PARLEY_JWT_SECRET', 'JWT_SECRET'],
      ['PARLEY_TURN_SECRET_FIL', 'PARLEY_TURN_SECRET_FILE'],
    ])('%s stops the start and suggests %s', (name, meant) => {
      expect(problemsOf({ [name]: 'on' })).toEqual([`${name} is not a setting of Parley; did you mean ${meant}?`]);
    });

    it('suggests nothing when nothing is near', () => {
      expect(problemsOf({ PARLEY_SOMETHING_ELSE_ALTOGETHER: '1' })).toEqual([
        'PARLEY_SOMETHING_ELSE_ALTOGETHER is not a setting of Parley',
      ]);
    });

    it('leaves names without the prefix, and those of the test suite, alone', () => {
      expect(problemsOf({ PATH: '/bin', PARLEY_TEST_BACKENDS: 'embedded' })).toEqual([]);
    });
  });

  describe('combinations', () => {
    it.each<[string, Record<string, string>]>([
      ['REDIS_URL needs DATABASE_URL', { REDIS_URL: 'redis://cache' }],
      ['REDIS_URL lists several servers', { DATABASE_URL: POSTGRES, REDIS_URL: 'redis://a,redis://b' }],
      ['PARLEY_REDIS_CLUSTER=on needs REDIS_URL', { PARLEY_REDIS_CLUSTER: 'on' }],
      ['may differ in host and port alone', { ...CLUSTER, REDIS_URL: 'redis://a,rediss://b' }],
      ['may differ in host and port alone', { ...CLUSTER, REDIS_URL: 'redis://:one@a,redis://:two@b' }],
      ['REDIS_URL names a database', { ...CLUSTER, REDIS_URL: 'redis://a/1' }],
      [
        'PARLEY_LIVEKIT_URL, PARLEY_LIVEKIT_API_KEY and PARLEY_LIVEKIT_API_SECRET are set together or not at all',
        { PARLEY_LIVEKIT_URL: 'wss://media.example.org' },
      ],
      ['PARLEY_TURN_URLS needs PARLEY_TURN_SECRET', { PARLEY_TURN_URLS: 'turn:turn.example.org' }],
      ['JWT_SECRET is required in production', { NODE_ENV: 'production' }],
      ['PARLEY_RATE_LIMITS=off is refused in production', { NODE_ENV: 'production', JWT_SECRET: SECRET, PARLEY_RATE_LIMITS: 'off' }],
      ['PARLEY_ALLOWED_ORIGINS=* is refused in production', { NODE_ENV: 'production', JWT_SECRET: SECRET, PARLEY_ALLOWED_ORIGINS: '*' }],
      ['PARLEY_OAUTH_GITHUB_CLIENT_ID and', { PARLEY_OAUTH_GITHUB_CLIENT_ID: 'x' }],
      ['PARLEY_OAUTH_GOOGLE_CLIENT_ID and', { PARLEY_OAUTH_GOOGLE_CLIENT_SECRET: 'x' }],
      ['PARLEY_OIDC_ISSUER, PARLEY_OIDC_CLIENT_ID and', { PARLEY_OIDC_ISSUER: 'https://id.example.org' }],
      ['needs PARLEY_OAUTH_RETURN_URLS', { ...GITHUB, PARLEY_OAUTH_RETURN_URLS: 'none' }],
      ['needs PARLEY_PUBLIC_URL in production', { ...GITHUB, NODE_ENV: 'production', JWT_SECRET: SECRET }],
      ['must be https in production', { NODE_ENV: 'production', JWT_SECRET: SECRET, PARLEY_PUBLIC_URL: 'http://api.example.org' }],
    ])('%s', (problem, env) => {
      expect(problemsOf(env)).toEqual([expect.stringContaining(problem)]);
    });

    it('allows what is only strange: a store in memory, rate limits off outside production', () => {
      expect(problemsOf({ NODE_ENV: 'production', JWT_SECRET: SECRET, DATABASE_URL: POSTGRES, REDIS_URL: 'redis://cache' })).toEqual([]);
      expect(problemsOf({ PARLEY_RATE_LIMITS: 'off' })).toEqual([]);
    });
  });

  describe('secrets in files', () => {
    const file = (name: string, content: string): string => {
      const path = join(directory, name);
      writeFileSync(path, content);
      return path;
    };

    it('are read, without the line end that editors add', () => {
      const config = load({
        JWT_SECRET_FILE: file('jwt', `${SECRET}\n`),
        DATABASE_URL_FILE: file('database', POSTGRES),
        REDIS_URL_FILE: file('redis', 'redis://cache'),
        PARLEY_TURN_SECRET_FILE: file('turn', 'coturn\n'),
      });
      expect(config).toMatchObject({
        auth: { jwtKeys: [secretJwtKey(SECRET)] },
        backends: { databaseUrl: POSTGRES, redis: { kind: 'server', url: 'redis://cache' } },
        ice: { turnSecret: 'coturn' },
      });
    });

    it('are refused when they cannot be read, are empty, or the variable is set as well', () => {
      expect(problemsOf({ JWT_SECRET_FILE: join(directory, 'absent') })).toEqual([
        expect.stringContaining('JWT_SECRET_FILE names a file that cannot be read'),
      ]);
      expect(problemsOf({ JWT_SECRET_FILE: file('empty', '\n') })).toEqual(['JWT_SECRET_FILE names an empty file']);
      expect(problemsOf({ JWT_SECRET: SECRET, JWT_SECRET_FILE: file('jwt', SECRET) })).toEqual([
        'JWT_SECRET and JWT_SECRET_FILE are both set; keep one',
      ]);
    });

    it('exist only for secrets', () => {
      expect(problemsOf({ PARLEY_LOG_LEVEL_FILE: file('level', 'info') })).toEqual([
        expect.stringContaining('PARLEY_LOG_LEVEL_FILE is not a setting'),
      ]);
    });
  });

  describe('the keys of tokens', () => {
    const file = (name: string, content: string): string => {
      const path = join(directory, name);
      writeFileSync(path, content);
      return path;
    };
    const pem = (type: 'pkcs8' | 'spki', key: KeyObject): string => key.export({ type, format: 'pem' } as never) as string;
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const kindsIn = (env: Record<string, string>): string[] =>
      load(env).auth.jwtKeys.map(({ algorithm, key }) => `${algorithm} ${key.type}`);

    it('are several secrets when one is to be changed, the first in front', () => {
      const secrets = ['a', 'b', 'c'].map((letter) => letter.repeat(32));
      const { jwtKeys } = load({ JWT_SECRET: `${secrets[0]}, ${secrets[1]}\n${secrets[2]}` }).auth;
      expect(jwtKeys.map(({ key }) => key.export().toString())).toEqual(secrets);
    });

    it('are refused when any secret of the list is short', () => {
      expect(problemsOf({ JWT_SECRET: `${SECRET},short` })).toEqual([expect.stringContaining('must have at least 32 bytes')]);
    });

    it('are those of PEM files, in front of the secrets they take over from', () => {
      const first = file('first', pem('pkcs8', rsa.privateKey));
      const others = file('others', [pem('pkcs8', ec.privateKey), pem('spki', rsa.publicKey)].join('\n'));
      const keys = ['RS256 private', 'ES256 private', 'RS256 public'];
      expect(kindsIn({ PARLEY_JWT_KEYS: `${first}, ${others}` })).toEqual(keys);
      expect(kindsIn({ PARLEY_JWT_KEYS: `${first},${others}`, JWT_SECRET: SECRET })).toEqual([...keys, 'HS256 secret']);
      expect(problemsOf({ NODE_ENV: 'production', PARLEY_JWT_KEYS: first })).toEqual([]);
    });

    it.each([
      ['a file that is not there', () => null, 'names a file that cannot be read'],
      ['text that is no PEM', () => 'hush', 'PEM blocks and nothing else'],
      ['text between the blocks', () => `${pem('pkcs8', ec.privateKey)}\nhush`, 'PEM blocks and nothing else'],
      ['nothing to sign with', () => pem('spki', ec.publicKey), 'must begin with a private key'],
      ['a broken block', () => '-----BEGIN PRIVATE KEY-----\nhush\n-----END PRIVATE KEY-----', 'no unencrypted key'],
      ['a small key', () => pem('pkcs8', generateKeyPairSync('rsa', { modulusLength: 1_024 }).privateKey), 'another key'],
      ['another curve', () => pem('pkcs8', generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey), 'another key'],
      ['another kind of key', () => pem('pkcs8', generateKeyPairSync('ed25519').privateKey), 'another key'],
    ])('are refused for %s, without showing it', (_, text, problem) => {
      const content = text();
      const problems = problemsOf({ PARLEY_JWT_KEYS: content === null ? join(directory, 'absent') : file('keys', content) });
      expect(problems).toEqual([expect.stringContaining(problem)]);
      expect(problems.join()).not.toContain('hush');
    });
  });

  describe('the development secret', () => {
    const secretIn = (env: Record<string, string>): string => loadConfig(env).auth.jwtKeys[0].key.export().toString();
    const secretOf = (dataDir: string): string => secretIn({ PARLEY_DATA_DIR: dataDir });

    it('is made once and kept in the data directory, for its owner only', () => {
      const dataDir = join(directory, 'data');
      const secret = secretOf(dataDir);
      expect(Buffer.byteLength(secret)).toBeGreaterThanOrEqual(32);
      expect(secretOf(dataDir)).toBe(secret);
      expect(readFileSync(join(dataDir, 'jwt-secret'), 'utf8').trim()).toBe(secret);
      expect(statSync(join(dataDir, 'jwt-secret')).mode & 0o777).toBe(0o600);
    });

    it('is the same for two processes that share PostgreSQL and the data directory', () => {
      const env = { PARLEY_DATA_DIR: directory, DATABASE_URL: POSTGRES };
      expect(secretIn(env)).toBe(secretIn(env));
    });

    it('is another one each time in memory', () => {
      expect(secretOf('memory://')).not.toBe(secretOf('memory://'));
    });

    it('is refused when the kept one is too short, or cannot be kept', () => {
      writeFileSync(join(directory, 'jwt-secret'), 'short');
      expect(problemsOf({ PARLEY_DATA_DIR: directory })).toEqual([expect.stringContaining('is too short for a secret')]);
      expect(problemsOf({ PARLEY_DATA_DIR: join(directory, 'jwt-secret', 'below-a-file') })).toEqual([
        expect.stringContaining('cannot keep a secret'),
      ]);
    });

    it('is not made when a secret is given', () => {
      loadConfig({ PARLEY_DATA_DIR: directory, JWT_SECRET: SECRET });
      expect(() => statSync(join(directory, 'jwt-secret'))).toThrow('ENOENT');
    });
  });
});
