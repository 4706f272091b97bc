import { BlockList, isIP } from 'node:net';
import type { Config } from '../../src/config/config';
import { VARIABLE_LIST } from '../../src/config/variables';
import type { DatabaseFacts, Facts, InstanceFacts } from './facts';

/** `unknown`: it could not be looked at from here; somebody has to. */
export interface Verdict {
  readonly state: 'ok' | 'unsafe' | 'unknown';
  /** What was found. Never a secret. */
  readonly found: string;
}

export interface Check {
  readonly name: string;
  /** What should be so. */
  readonly demands: string;
  /** What to do when it is not. */
  readonly advice: string;
  /** Whether it matters on a laptop too. */
  readonly everywhere?: true;
  judge(facts: Facts): Verdict;
}

const MAX_CLOCK_MS = 2_000;
const MIN_DIFFERENT_CHARACTERS = 12;
const MIN_TURN_SECRET_BYTES = 16;

/** Everything that `npm run doctor -- --production` looks at. docs/security.md prints this table. */
export const CHECKS: readonly Check[] = [
  {
    name: 'configuration',
    demands: 'The environment is one that the server starts in.',
    advice: 'Set right what is listed; docs/config.md explains each variable.',
    everywhere: true,
    judge: ({ problems }) => (problems.length === 0 ? ok('valid') : unsafe(problems.join('; '))),
  },
  {
    name: 'environment',
    demands: '`NODE_ENV` is `production`, which refuses what is only safe on a laptop.',
    advice: 'Set NODE_ENV=production.',
    judge: ofConfig(({ environment }) => verdict(environment === 'production', environment)),
  },
  {
    name: 'token secret',
    demands: 'The secret that signs tokens was drawn at random, and is not one of the documentation.',
    advice: 'Set JWT_SECRET to the output of: openssl rand -base64 48',
    judge: ofConfig(({ auth }) => judgeKeys(auth.jwtKeys)),
  },
  {
    name: 'rate limits',
    demands: 'Rate limits and connection caps are on.',
    advice: 'Unset PARLEY_RATE_LIMITS.',
    judge: ofConfig(({ http }) => verdict(http.rateLimits, http.rateLimits ? 'on' : 'off')),
  },
  {
    name: 'allowed origins',
    demands: 'Pages of other sites may call only from origins that are listed, over TLS.',
    advice: 'List the https origins of your clients in PARLEY_ALLOWED_ORIGINS.',
    judge: ofConfig(({ http: { allowedOrigins } }) => judgeOrigins(allowedOrigins)),
  },
  {
    name: 'instance',
    demands: 'The instance that was named answers.',
    advice: 'Give its address with --url, as clients reach it.',
    judge: ({ instance }) =>
      instance === 'unreachable'
        ? unsafe('does not answer')
        : isThere(instance)
          ? ok('answers')
          : { state: 'unknown', found: 'no --url was given' },
  },
  {
    name: 'cross-site answers',
    demands: 'A page of a stranger may not read what the instance answers.',
    advice: 'Look for a proxy that sets Access-Control-Allow-Origin by itself.',
    judge: ofInstance(({ allowedOrigin }) => verdict(allowedOrigin === null, allowedOrigin ?? 'no origin is allowed')),
  },
  {
    name: 'introspection',
    demands: 'Strangers cannot read the schema.',
    advice: 'Start the instance with NODE_ENV=production.',
    judge: ofInstance(({ introspects }) => verdict(!introspects, introspects ? 'open to strangers' : 'closed to strangers')),
  },
  {
    name: 'playground',
    demands: 'The playground is off.',
    advice: 'Unset PARLEY_GRAPHIQL.',
    judge: ({ config, instance }) =>
      isThere(instance) && instance.playground
        ? unsafe('served')
        : ofConfig(({ http }) => verdict(!http.graphiql, onOff(http.graphiql)))({ config }),
  },
  {
    name: 'metrics',
    demands: 'Metrics are not for everybody who can reach the instance.',
    advice: 'Answer /metrics and /readyz?verbose at the proxy for your monitoring alone.',
    judge: ofInstance(({ metrics }) => verdict(!metrics, metrics ? 'shown to strangers' : 'not shown')),
  },
  {
    name: 'transport encryption',
    demands: 'Clients come in by TLS, and browsers are told to stay with it.',
    advice: 'End TLS at the proxy, redirect http to https, and send Strict-Transport-Security.',
    judge: ofInstance(({ url, headers }) =>
      url.startsWith('https:')
        ? verdict('strict-transport-security' in headers, `https, HSTS ${headers['strict-transport-security'] ?? 'missing'}`)
        : unsafe('http'),
    ),
  },
  {
    name: 'security headers',
    demands: 'Answers carry a content security policy without `unsafe-inline`, and forbid sniffing and framing.',
    advice: 'Look for a proxy that takes headers away.',
    judge: ofInstance(({ headers }) => judgeHeaders(headers)),
  },
  {
    name: 'error answers',
    demands: 'Even a request that cannot be read is answered in JSON, without a stack.',
    advice: 'Look for a proxy that answers errors with pages of its own.',
    judge: ofInstance(({ errorAnswer: { mediaType, body } }) =>
      verdict(mediaType.startsWith('application/json') && !/\bat .+:\d+:\d+/.test(body), mediaType || 'no media type'),
    ),
  },
  {
    name: 'proxies',
    demands: '`X-Forwarded-For` is believed of known proxies only.',
    advice: 'Name the proxies in PARLEY_TRUST_PROXY, or see to it that nobody reaches the instance around them.',
    judge: ofConfig(({ http: { trustProxy } }) =>
      typeof trustProxy !== 'number'
        ? ok(trustProxy.join(', '))
        : trustProxy === 0
          ? ok('nobody is believed')
          : { state: 'unknown', found: `whoever connects is believed, ${trustProxy} deep` },
    ),
  },
  {
    name: 'database',
    demands: 'The store is PostgreSQL, and answers.',
    advice: 'Set DATABASE_URL; the embedded database is for one process and has no copies.',
    judge: ({ config, database }) =>
      config === null
        ? NO_CONFIG
        : database === null
          ? unsafe('embedded')
          : verdict(database !== 'unreachable', database === 'unreachable' ? 'does not answer' : 'answers'),
  },
  {
    name: 'database encryption',
    demands: 'What goes to the database is encrypted, or stays on a private network.',
    advice: 'Add sslmode=verify-full to DATABASE_URL.',
    judge: ({ config, database }) =>
      isThere(database) && database.encrypted ? ok('encrypted') : judgeNetwork(config?.backends.databaseUrl ?? null),
  },
  {
    name: 'database role',
    demands: 'The server signs in as a role that neither owns the tables nor stands above row security.',
    advice:
      'Migrate with the owner (npm run db:migrate), set PARLEY_MIGRATE=off, and sign in as the role that serves (docs/row-security.md).',
    judge: ofDatabase(({ superuser, bypassesRowSecurity, ownsTables }) =>
      superuser
        ? unsafe('superuser')
        : bypassesRowSecurity
          ? unsafe('stands above row security')
          : verdict(!ownsTables, ownsTables ? 'owns tables' : 'owns nothing'),
    ),
  },
  {
    name: 'statement timeout',
    demands: 'A statement that runs away is ended.',
    advice: 'Let the server set it; see that no proxy of the database takes session settings away.',
    judge: ofDatabase(({ statementTimeout }) => verdict(statementTimeout !== '0', statementTimeout)),
  },
  {
    name: 'migrations',
    demands: 'The tables are those of this version.',
    advice: 'npm run db:migrate',
    everywhere: true,
    judge: ofDatabase(({ pendingMigrations }) => verdict(pendingMigrations.length === 0, pendingMigrations.join(', ') || 'none pending')),
  },
  {
    name: 'clock',
    demands: `This machine's clock and the database's differ by less than ${MAX_CLOCK_MS / 1_000} seconds.`,
    advice: 'Run a time service on both.',
    everywhere: true,
    judge: ofDatabase(({ clockAheadMs }) => verdict(Math.abs(clockAheadMs) < MAX_CLOCK_MS, `${clockAheadMs} ms ahead`)),
  },
  {
    name: 'redis password',
    demands: 'Redis obeys nobody without a password.',
    advice: 'Set requirepass, or users with ACL, and put the password into REDIS_URL.',
    judge: ({ redis }) =>
      redis === null
        ? ok('no Redis')
        : redis === 'unreachable'
          ? unsafe('does not answer')
          : verdict(!redis.open, redis.open ? 'open' : 'asks for a password'),
  },
  {
    name: 'redis encryption',
    demands: 'What goes to Redis is encrypted, or stays on a private network.',
    advice: 'Use rediss:// in REDIS_URL.',
    judge: ofConfig(({ backends: { redis } }) => {
      const url = redis === null ? null : redis.kind === 'server' ? redis.url : (redis.seeds[0] ?? null);
      return url?.startsWith('rediss:') === true ? ok('encrypted') : judgeNetwork(url);
    }),
  },
  {
    name: 'turn secret',
    demands: `The secret shared with the TURN server has at least ${MIN_TURN_SECRET_BYTES} bytes.`,
    advice: 'Set static-auth-secret of coturn, and PARLEY_TURN_SECRET, to the output of: openssl rand -base64 32',
    judge: ofConfig(({ ice: { turnSecret } }) => {
      const bytes = Buffer.byteLength(turnSecret ?? '');
      return turnSecret === null ? ok('no TURN server') : verdict(bytes >= MIN_TURN_SECRET_BYTES, `${bytes} bytes`);
    }),
  },
  {
    name: 'log level',
    demands: 'Only what matters is logged.',
    advice: 'Unset PARLEY_LOG_LEVEL.',
    judge: ofConfig(({ log: { level } }) => verdict(level !== 'debug' && level !== 'silent', level)),
  },
];

const NO_CONFIG: Verdict = { state: 'unknown', found: 'the configuration cannot be read' };

function ok(found: string): Verdict {
  return { state: 'ok', found };
}

function unsafe(found: string): Verdict {
  return { state: 'unsafe', found };
}

function verdict(isOk: boolean, found: string): Verdict {
  return isOk ? ok(found) : unsafe(found);
}

function ofConfig(judge: (config: Config) => Verdict) {
  return ({ config }: Pick<Facts, 'config'>): Verdict => (config === null ? NO_CONFIG : judge(config));
}

function ofDatabase(judge: (database: DatabaseFacts) => Verdict) {
  return ({ database }: Facts): Verdict => (isThere(database) ? judge(database) : { state: 'unknown', found: 'no PostgreSQL was reached' });
}

function ofInstance(judge: (instance: InstanceFacts) => Verdict) {
  return ({ instance }: Facts): Verdict =>
    isThere(instance)
      ? judge(instance)
      : { state: 'unknown', found: instance === null ? 'no --url was given' : 'the instance does not answer' };
}

function isThere<T extends object>(asked: T | 'unreachable' | null): asked is T {
  return asked !== null && asked !== 'unreachable';
}

function onOff(on: boolean): string {
  return on ? 'on' : 'off';
}

/** A secret of few different characters was typed by hand. */
function judgeKeys(keys: Config['auth']['jwtKeys']): Verdict {
  const verdicts = keys.map(({ algorithm, key }) => (algorithm === 'HS256' ? judgeSecret(key.export().toString()) : ok(algorithm)));
  return verdicts.find(({ state }) => state === 'unsafe') ?? verdicts[0] ?? unsafe('none');
}

function judgeSecret(secret: string): Verdict {
  const examples = VARIABLE_LIST.filter((variable) => variable.secret === true).map(({ example }) => example);
  if (examples.includes(secret)) return unsafe('the one of the documentation');
  if (new Set(secret).size < MIN_DIFFERENT_CHARACTERS) return unsafe('easily guessed');
  return ok(`${Buffer.byteLength(secret)} bytes`);
}

function judgeOrigins(origins: readonly string[] | null): Verdict {
  if (origins === null) return unsafe('any');
  const open = origins.filter((origin) => !origin.startsWith('https:'));
  return open.length > 0 ? unsafe(`${open.join(', ')} without TLS`) : ok(origins.join(', ') || "only the server's own");
}

function judgeHeaders(headers: Readonly<Record<string, string>>): Verdict {
  const policy = headers['content-security-policy'] ?? '';
  const missing = [
    !policy.includes('default-src') && 'content-security-policy',
    policy.includes('unsafe-inline') && "a policy without 'unsafe-inline'",
    headers['x-content-type-options'] !== 'nosniff' && 'x-content-type-options',
    !policy.includes('frame-ancestors') && headers['x-frame-options'] === undefined && 'frame-ancestors',
  ].filter((name) => name !== false);
  return missing.length > 0 ? unsafe(`missing: ${missing.join(', ')}`) : ok('all there');
}

const PRIVATE = new BlockList();
for (const [network, bits] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  PRIVATE.addSubnet(network, bits, 'ipv4');
}
PRIVATE.addAddress('::1', 'ipv6');
PRIVATE.addSubnet('fc00::', 7, 'ipv6');

function judgeNetwork(url: string | null): Verdict {
  if (url === null) return ok('in this process');
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  if (host === 'localhost' || host === '') return ok('on this machine');
  if (isIP(host) === 0) return { state: 'unknown', found: `not encrypted; whether ${host} is on a private network is not known here` };
  return PRIVATE.check(host, isIP(host) === 4 ? 'ipv4' : 'ipv6')
    ? ok('on a private network')
    : unsafe('neither encrypted nor on a private network');
}
