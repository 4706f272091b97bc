'use strict';

/**
 * The floors and ranks of ARCHITECTURE.md, as rules: `npm run check:floors`. Each rule says why it is there.
 * A new room gets its place in RANKS.
 */

/** Rooms that may look left only; those in one place do not know each other. */
const RANKS = [
  ['audit', 'hooks'],
  ['users'],
  ['abuse', 'organizations'],
  ['audit-log', 'content-policy'],
  ['auth'],
  ['accounts', 'api-keys'],
  ['sign-in'],
  ['sessions'],
  ['attendees'],
  ['channels'],
  ['calls', 'collaboration', 'messages', 'polls', 'questions', 'session-reactions', 'signaling'],
  ['quality', 'session-events'],
  ['billing'],
  ['notifications'],
];

const SRC = '^src/';
const F0 = '^src/(lib|errors|config|observability)/';
const GRAPHQL_PACKAGES = '(^|/)node_modules/(graphql|graphql-scalars|type-graphql)/';
/** One backend of a port, and the pieces that the backends of one kind share (`redis-link.ts`). */
const BACKEND_FILES = ['\\.(memory|off|pglite|postgres|redis|redis-cluster)\\.ts$', '^src/realtime/(postgres|redis)-[^/]+\\.ts$'];

/** `from` may import nothing of src but what matches `allowed`. */
const floor = (name, comment, from, ...allowed) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { path: SRC, pathNot: allowed },
});

const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

/** One rule for each room: nothing of its own place or to the right of it. */
const ranks = RANKS.flatMap((place, index) =>
  place.map((room) => {
    const others = RANKS.slice(index)
      .flat()
      .filter((other) => other !== room);
    return rule(
      `rank-${room}`,
      `${room} may import only rooms of lower rank. A field upward is an external resolver, a question upward a port that app wires.`,
      { path: `^src/modules/${room}/` },
      { path: others.length > 0 ? `^src/modules/(${others.join('|')})/` : '^$' },
    );
  }),
);

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    // ------------------------------------------------------------------ floors
    floor('floor-lib', 'lib is pure and knows nobody.', '^src/lib/', '^src/lib/'),
    floor(
      'floor-0',
      'errors, config and observability stand on lib and errors alone, so that everyone can stand on them.',
      '^src/(errors|config|observability)/',
      '^src/(lib|errors)/',
      '^src/$1/',
    ),
    floor('floor-1-persistence', 'The database knows neither GraphQL nor streams.', '^src/persistence/', F0, '^src/persistence/'),
    floor(
      'floor-2-realtime',
      'The kernel must not learn a domain noun, or floors fall at once.',
      '^src/realtime/',
      F0,
      '^src/(persistence|realtime)/',
    ),
    floor('floor-3-graphql', 'Building blocks without any domain and without a database.', '^src/graphql/', F0, '^src/(graphql|realtime)/'),
    rule(
      'graphql-knows-only-types-of-realtime',
      'The GraphQL floor names positions and events; it never runs the kernel.',
      { path: '^src/graphql/' },
      { path: '^src/realtime/', dependencyTypesNot: ['type-only'] },
    ),
    floor(
      'floor-4-modules',
      'A room stands on the floors below; transport and app are above it.',
      '^src/modules/',
      F0,
      '^src/(persistence|realtime|graphql|modules)/',
    ),
    floor(
      'floor-4-transport',
      'Bytes to GraphQL and back: the schema and authenticate() are handed in, so transport needs no room and no database.',
      '^src/transport/',
      F0,
      '^src/(graphql|realtime|transport)/',
    ),
    rule(
      'transport-knows-only-types-of-realtime',
      'Transport is handed ports; it never builds or chooses what is behind them.',
      { path: '^src/transport/' },
      { path: '^src/realtime/', dependencyTypesNot: ['type-only'] },
    ),
    rule(
      'floor-5-app',
      'app sees everyone and is seen by nobody but main.ts.',
      { path: SRC, pathNot: '^src/(app/|main\\.ts$)' },
      { path: '^src/app/' },
    ),
    rule('main-is-the-end', 'main.ts is started, never imported.', {}, { path: '^src/main\\.ts$' }),
    rule(
      'src-stands-alone',
      'What is shipped needs nothing of tests, scripts, benchmarks or examples.',
      { path: SRC },
      { path: '^(tests|scripts|bench|client|examples)/' },
    ),
    rule('client-stands-alone', 'client/ is copied into other projects: it may not need the server.', { path: '^client/' }, { path: SRC }),

    // ------------------------------------------------------------------ ranks
    ...ranks,
    rule(
      'every-room-has-a-rank',
      'A room without a place in RANKS could look anywhere.',
      {},
      { path: '^src/modules/', pathNot: `^src/modules/(${RANKS.flat().join('|')})/` },
    ),
    rule(
      'rooms-have-one-door',
      "A room's inner files are its own business: others import its index.ts.",
      { path: '^src/modules/([^/]+)/' },
      { path: '^src/modules/', pathNot: ['^src/modules/$1/', '^src/modules/[^/]+/index\\.ts$'] },
    ),
    rule(
      'app-enters-by-the-door',
      'app wires rooms by their module file, their table of rights and their index.ts, and knows nothing else of them.',
      { path: SRC, pathNot: '^src/modules/' },
      { path: '^src/modules/', pathNot: '^src/modules/[^/]+/(index|[^/]+\\.(module|access))\\.ts$' },
    ),
    rule(
      'modules-are-wired-by-app',
      'Only app makes rooms, so there is one place where they meet.',
      { path: SRC, pathNot: '^src/app/' },
      { path: '\\.module\\.ts$' },
    ),

    // ------------------------------------------------------------------ one place for each thing
    rule(
      'backends-are-chosen-once',
      'Only app/backends.ts chooses between memory, PGlite, PostgreSQL and Redis; everyone else holds the port. Backends may share their parts.',
      { path: SRC, pathNot: ['^src/app/backends\\.ts$', ...BACKEND_FILES] },
      { path: BACKEND_FILES },
    ),
    rule(
      'prisma-client-stays-low',
      'The generated client is for persistence and repositories; everyone else sees records.',
      { path: SRC, pathNot: ['^src/persistence/', '\\.repository\\.ts$'] },
      { path: '^src/persistence/generated/' },
    ),
    rule(
      'drivers-stay-behind-ports',
      'Database and Redis drivers belong to persistence and to backend files; app/backends.ts builds the shared ones.',
      { path: SRC, pathNot: ['^src/persistence/', '^src/app/backends\\.ts$', ...BACKEND_FILES] },
      { path: '(^|/)node_modules/(@electric-sql|@prisma|pglite-prisma-adapter|pg|ioredis|graphql-redis-subscriptions)/' },
    ),
    rule(
      'graphql-stays-at-the-edge',
      'Services, policies, repositories and events stay callable without GraphQL.',
      { path: SRC, pathNot: ['^src/(graphql|transport|app)/', '\\.(type|input|resolver)\\.ts$'] },
      { path: GRAPHQL_PACKAGES },
    ),
    rule(
      'rules-need-no-graphql-classes',
      'The same promise within a room: rules may name an input or a type, not load it.',
      { path: '\\.(service|policy|repository|events|errors)\\.ts$' },
      { path: '\\.(type|input|resolver)\\.ts$', dependencyTypesNot: ['type-only'] },
    ),
    rule(
      'servers-stay-in-transport',
      'HTTP, WebSocket and SSE libraries are the business of transport.',
      { path: SRC, pathNot: '^src/transport/' },
      { path: '(^|/)node_modules/(@apollo/server|@as-integrations|@fastify|fastify|graphql-ws|graphql-sse|ws)/' },
    ),

    // ------------------------------------------------------------------ hygiene
    rule(
      'no-cycles',
      'Files that need each other are one file, or one idea too many. Types count: a reader follows them too.',
      {},
      { circular: true },
    ),
    rule(
      'no-dead-files',
      'Everything in src is reached from main.ts or a script; the rest is dead or was forgotten to be wired.',
      { path: '^(src/main\\.ts$|scripts/)' },
      { path: SRC, pathNot: ['^src/main\\.ts$', '^src/modules/[^/]+/index\\.ts$'], reachable: false },
    ),
    rule(
      'no-development-packages-in-src',
      'npm ci --omit=dev must leave a server that starts.',
      { path: SRC },
      { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    ),
    rule(
      'packages-are-declared',
      'A package that is only there by luck disappears by bad luck.',
      { path: SRC },
      { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    ),
    rule('imports-resolve', 'An import that leads nowhere hides what it would break.', {}, { couldNotResolve: true }),
  ],
  options: {
    doNotFollow: { path: ['node_modules', '^src/persistence/generated/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['node', 'require', 'import', 'default', 'types'] },
  },
};
