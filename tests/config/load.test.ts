import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Config } from '../../src/config/config';
import { ConfigError, loadConfig } from '../../src/config/load';

const SECRET = 'a-secret-for-tests-of-more-than-32-bytes';
const POSTGRES = 'postgres://parley:hush@db:5432/parley';
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
        http: { port: 4000, host: '127.0.0.1', graphiql: true, allowedOrigins: null, rateLimits: true, trustProxy: false },
        backends: { databaseUrl: null, redis: null, dataDir: 'memory://', redisPrefix: 'parley:', poolSize: 10, rateLimits: true },
        auth: { jwtSecret: expect.any(String) as string },
        ice: { stunUrls: ['stun:stun.l.google.com:19302'], turnUrls: [], turnSecret: null },
        sessions: { orphanAfterMs: 3_600_000 },
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
      REDIS_URL: 'rediss://cache:6380/1',
      JWT_SECRET: SECRET,
      PARLEY_DATA_DIR: directory,
      PARLEY_RATE_LIMITS: 'off',
      PARLEY_GRAPHIQL: 'off',
      PARLEY_ALLOWED_ORIGINS: 'https://app.example.org, http://localhost:5173',
      PARLEY_TRUST_PROXY: 'on',
      PARLEY_LOG_LEVEL: 'debug',
      PARLEY_POOL_SIZE: '25',
      PARLEY_REDIS_PREFIX: 'parley-blue:',
      PARLEY_REDIS_CLUSTER: 'off',
      PARLEY_MIGRATE: 'off',
      PARLEY_ORPHAN_AFTER: '90s',
      PARLEY_STUN_URLS: 'none',
      PARLEY_TURN_URLS: 'turn:turn.example.org:3478?transport=udp,turns:turn.example.org',
      PARLEY_TURN_SECRET: 'coturn',
    });
    expect(config).toEqual({
      environment: 'test',
      http: {
        port: 0,
        host: '::1',
        graphiql: false,
        allowedOrigins: ['https://app.example.org', 'http://localhost:5173'],
        rateLimits: false,
        trustProxy: true,
      },
      backends: {
        databaseUrl: POSTGRES,
        redis: { kind: 'server', url: 'rediss://cache:6380/1' },
        dataDir: directory,
        redisPrefix: 'parley-blue:',
        poolSize: 25,
        rateLimits: false,
      },
      auth: { jwtSecret: SECRET },
      ice: { stunUrls: [], turnUrls: ['turn:turn.example.org:3478?transport=udp', 'turns:turn.example.org'], turnSecret: 'coturn' },
      sessions: { orphanAfterMs: 90_000 },
      log: { level: 'debug' },
      migrateAtStart: false,
    });
  });

  it.each(['off', '0'])('never ends orphans with PARLEY_ORPHAN_AFTER=%s', (text) => {
    expect(load({ PARLEY_ORPHAN_AFTER: text }).sessions).toEqual({ orphanAfterMs: null });
  });

  it('reads the nodes of a cluster, one or many', () => {
    const nodesOf = (urls: string): unknown => load({ ...CLUSTER, REDIS_URL: urls }).backends.redis;
    expect(nodesOf('redis://a:7000, redis://[::1]:7001')).toEqual({ kind: 'cluster', seeds: ['redis://a:7000', 'redis://[::1]:7001'] });
    expect(nodesOf('rediss://:word@endpoint')).toEqual({ kind: 'cluster', seeds: ['rediss://:word@endpoint'] });
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
      ['PARLEY_TRUST_PROXY', '1'],
      ['PARLEY_LOG_LEVEL', 'verbose'],
      ['PARLEY_POOL_SIZE', '0'],
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
      ['PARLEY_TURN_URLS needs PARLEY_TURN_SECRET', { PARLEY_TURN_URLS: 'turn:turn.example.org' }],
      ['JWT_SECRET is required in production', { NODE_ENV: 'production' }],
      ['PARLEY_RATE_LIMITS=off is refused in production', { NODE_ENV: 'production', JWT_SECRET: SECRET, PARLEY_RATE_LIMITS: 'off' }],
      ['PARLEY_ALLOWED_ORIGINS=* is refused in production', { NODE_ENV: 'production', JWT_SECRET: SECRET, PARLEY_ALLOWED_ORIGINS: '*' }],
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
        auth: { jwtSecret: SECRET },
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

  describe('the development secret', () => {
    const secretOf = (dataDir: string): string => loadConfig({ PARLEY_DATA_DIR: dataDir }).auth.jwtSecret;

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
      expect(loadConfig(env).auth.jwtSecret).toBe(loadConfig(env).auth.jwtSecret);
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
