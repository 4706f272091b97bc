import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');

interface Violation {
  readonly from: string;
  readonly to: string;
  readonly rule: { readonly name: string };
}

/** A house of empty files with one import between each pair, as the checker sees it. All pairs share one run: it takes seconds. */
class PaperHouse {
  private readonly imports = new Map<string, string[]>();

  add(from: string, to: string, line = `import { thing } from '${specifier(from, to)}';\nvoid thing;`): void {
    this.imports.set(from, [...(this.imports.get(from) ?? []), line]);
    if (to.endsWith('.ts') && !this.imports.has(to)) this.imports.set(to, []);
  }

  check(): Violation[] {
    const directory = mkdtempSync(join(tmpdir(), 'parley-floors-'));
    try {
      this.build(directory);
      const args = ['src', 'client', '--config', join(ROOT, '.dependency-cruiser.cjs'), '--output-type', 'json'];
      const { stdout, stderr } = spawnSync(join(ROOT, 'node_modules/.bin/depcruise'), args, { cwd: directory, encoding: 'utf8' });
      if (stdout === '') throw new Error(stderr);
      return (JSON.parse(stdout) as { summary: { violations: Violation[] } }).summary.violations;
    } finally {
      rmSync(directory, { recursive: true });
    }
  }

  private build(directory: string): void {
    for (const [file, lines] of this.imports) {
      mkdirSync(dirname(join(directory, file)), { recursive: true });
      writeFileSync(join(directory, file), [...lines, 'export const thing = 1;', ''].join('\n'));
    }
    for (const file of ['package.json', 'tsconfig.json', 'node_modules']) symlinkSync(join(ROOT, file), join(directory, file));
  }
}

function specifier(from: string, to: string): string {
  if (!to.endsWith('.ts')) return to;
  const path = relative(dirname(from), to).replace(/\.ts$/, '');
  return path.startsWith('.') ? path : `./${path}`;
}

type Pair = readonly [from: string, to: string, line?: string];

const FORBIDDEN: Readonly<Record<string, readonly Pair[]>> = {
  'floor-lib': [['src/lib/clock.ts', 'src/errors/domain-error.ts']],
  'floor-0': [
    ['src/errors/codes.ts', 'src/config/config.ts'],
    ['src/config/load.ts', 'src/observability/logger.ts'],
    ['src/observability/metrics.ts', 'src/realtime/event.ts'],
  ],
  'floor-1-persistence': [
    ['src/persistence/migrate.ts', 'src/realtime/event.ts'],
    ['src/persistence/orm.ts', 'src/graphql/node.ts'],
  ],
  'floor-2-realtime': [
    ['src/realtime/fan-out.ts', 'src/modules/users/index.ts'],
    ['src/realtime/event-log.ts', 'src/graphql/node.ts'],
  ],
  'floor-3-graphql': [
    ['src/graphql/node.ts', 'src/persistence/database.ts'],
    ['src/graphql/context.ts', 'src/modules/users/index.ts'],
  ],
  'graphql-knows-only-types-of-realtime': [['src/graphql/stream-event.ts', 'src/realtime/fan-out.ts']],
  'floor-4-modules': [['src/modules/users/user.service.ts', 'src/transport/http-server.ts']],
  'floor-4-transport': [
    ['src/transport/health.ts', 'src/persistence/database.ts'],
    ['src/transport/graphql-http.ts', 'src/modules/users/index.ts'],
  ],
  'transport-knows-only-types-of-realtime': [['src/transport/metrics.ts', 'src/realtime/bus.ts']],
  'floor-5-app': [['src/transport/http-server.ts', 'src/app/schema.ts']],
  'main-is-the-end': [['src/app/app.ts', 'src/main.ts']],
  'src-stands-alone': [['src/lib/ids.ts', 'tests/support/clock.ts']],
  'client-stands-alone': [['client/resume.ts', 'src/lib/cursor.ts']],
  'rank-audit': [['src/modules/audit/audit-trail.ts', 'src/modules/users/index.ts']],
  'rank-hooks': [['src/modules/hooks/hook.service.ts', 'src/modules/audit/index.ts']],
  'rank-abuse': [['src/modules/abuse/block.service.ts', 'src/modules/organizations/index.ts']],
  'rank-audit-log': [['src/modules/audit-log/audit-log.service.ts', 'src/modules/auth/index.ts']],
  'rank-content-policy': [['src/modules/content-policy/content-policy.service.ts', 'src/modules/auth/index.ts']],
  'rank-users': [['src/modules/users/user.type.ts', 'src/modules/sessions/index.ts']],
  'rank-organizations': [['src/modules/organizations/organization.service.ts', 'src/modules/auth/index.ts']],
  'rank-auth': [['src/modules/auth/auth.service.ts', 'src/modules/attendees/index.ts']],
  'rank-accounts': [['src/modules/accounts/profile.service.ts', 'src/modules/sign-in/index.ts']],
  'rank-sign-in': [['src/modules/sign-in/identity.service.ts', 'src/modules/sessions/index.ts']],
  'rank-api-keys': [['src/modules/api-keys/api-key.service.ts', 'src/modules/sessions/index.ts']],
  'rank-sessions': [['src/modules/sessions/session.service.ts', 'src/modules/billing/index.ts']],
  'rank-attendees': [['src/modules/attendees/attendance.ts', 'src/modules/channels/index.ts']],
  'rank-channels': [['src/modules/channels/channel.service.ts', 'src/modules/messages/index.ts']],
  'rank-collaboration': [['src/modules/collaboration/collaboration.service.ts', 'src/modules/messages/index.ts']],
  'rank-messages': [['src/modules/messages/message.service.ts', 'src/modules/questions/index.ts']],
  'rank-polls': [['src/modules/polls/poll.service.ts', 'src/modules/questions/index.ts']],
  'rank-questions': [['src/modules/questions/question.service.ts', 'src/modules/signaling/index.ts']],
  'rank-calls': [['src/modules/calls/call.service.ts', 'src/modules/signaling/index.ts']],
  'rank-session-reactions': [['src/modules/session-reactions/session-reaction.service.ts', 'src/modules/questions/index.ts']],
  'rank-signaling': [['src/modules/signaling/signaling.service.ts', 'src/modules/messages/index.ts']],
  'rank-billing': [['src/modules/billing/invoice.type.ts', 'src/modules/notifications/index.ts']],
  'rank-quality': [['src/modules/quality/quality.service.ts', 'src/modules/session-events/index.ts']],
  'rank-session-events': [['src/modules/session-events/session-events.service.ts', 'src/modules/billing/index.ts']],
  'every-room-has-a-rank': [['src/app/modules.ts', 'src/modules/raffles/raffles.module.ts']],
  'rooms-have-one-door': [['src/modules/sessions/session.policy.ts', 'src/modules/users/user.repository.ts']],
  'app-enters-by-the-door': [['src/app/seed.ts', 'src/modules/users/user.repository.ts']],
  'modules-are-wired-by-app': [['src/modules/sessions/index.ts', 'src/modules/sessions/sessions.module.ts']],
  'backends-are-chosen-once': [
    ['src/realtime/unit-of-work.ts', 'src/realtime/bus.memory.ts'],
    ['src/app/app.ts', 'src/persistence/database.pglite.ts'],
    ['src/realtime/kernel.ts', 'src/realtime/redis-link.ts'],
  ],
  'prisma-client-stays-low': [
    ['src/modules/users/user.policy.ts', 'src/persistence/generated/client.ts'],
    [
      'src/modules/auth/auth.type.ts',
      'src/persistence/generated/client.ts',
      "import type { thing } from '../../persistence/generated/client';\nexport type T = typeof thing;",
    ],
  ],
  'drivers-stay-behind-ports': [
    ['src/realtime/retention.ts', 'pg'],
    ['src/app/modules.ts', 'ioredis'],
    ['src/modules/channels/channel.repository.ts', '@electric-sql/pglite'],
  ],
  'graphql-stays-at-the-edge': [
    ['src/modules/questions/question.policy.ts', 'graphql'],
    ['src/modules/questions/question.events.ts', 'type-graphql'],
    ['src/lib/viewer.ts', 'graphql-scalars'],
  ],
  'rules-need-no-graphql-classes': [['src/modules/messages/message.policy.ts', 'src/modules/messages/message.type.ts']],
  'servers-stay-in-transport': [
    ['src/app/shutdown.ts', 'fastify'],
    ['src/graphql/pipeline.ts', 'graphql-ws'],
  ],
  'no-cycles': [['src/lib/a.ts', 'src/lib/b.ts']],
  'no-dead-files': [['src/lib/forgotten.ts', 'src/lib/ids.ts']],
  'no-development-packages-in-src': [['src/lib/cursor.ts', 'fast-check']],
  'packages-are-declared': [['src/lib/deferred.ts', 'lodash']],
  'imports-resolve': [['src/lib/async-queue.ts', './nowhere']],
};

/** Closes the cycle, by a type alone. */
const WAY_BACK: Pair = ['src/lib/b.ts', 'src/lib/a.ts', "import type { thing as other } from './a';\nexport type T = typeof other;"];

/** What the house is built of; a rule that bites here bites too much. */
const ALLOWED: readonly Pair[] = [
  ['src/main.ts', 'src/app/app.ts'],
  ['src/main.ts', 'src/config/load.ts'],
  ['src/errors/domain-error.ts', 'src/lib/ids.ts'],
  ['src/persistence/transaction.ts', 'src/errors/domain-error.ts'],
  ['src/persistence/database.postgres.ts', 'pg'],
  ['src/realtime/group-commit.ts', 'src/persistence/transaction.ts'],
  ['src/realtime/bus.redis.ts', 'src/realtime/redis-link.ts'],
  ['src/realtime/redis-link.ts', 'ioredis'],
  ['src/realtime/rate-limiter.redis.ts', 'src/realtime/rate-limiter.memory.ts'],
  ['src/graphql/scalars.ts', 'graphql'],
  [
    'src/graphql/subscription.ts',
    'src/realtime/event.ts',
    "import type { thing as event } from '../realtime/event';\nexport type T = typeof event;",
  ],
  ['src/transport/graphql-ws.ts', 'graphql-ws'],
  ['src/transport/graphql-ws.ts', 'src/graphql/scalars.ts'],
  ['src/modules/users/user.repository.ts', 'src/persistence/generated/client.ts'],
  ['src/modules/users/user.input.ts', 'type-graphql'],
  ['src/modules/attendees/attendee.service.ts', 'src/modules/sessions/index.ts'],
  ['src/modules/attendees/attendee.service.ts', 'src/realtime/group-commit.ts'],
  ['src/modules/billing/billing.service.ts', 'src/modules/messages/index.ts'],
  ['src/app/wiring.ts', 'src/modules/users/users.module.ts'],
  ['src/app/wiring.ts', 'src/modules/users/index.ts'],
  ['src/app/backends.ts', 'src/realtime/bus.redis.ts'],
  ['src/app/backends.ts', 'ioredis'],
];

describe('the floors', () => {
  const house = new PaperHouse();
  let violations: Violation[];

  beforeAll(() => {
    for (const pair of [...Object.values(FORBIDDEN).flat(), WAY_BACK, ...ALLOWED]) house.add(...pair);
    violations = house.check();
  });

  const rulesBrokenBy = (from: string, to: string): string[] =>
    violations
      .filter((violation) => violation.from === from && (violation.to === to || violation.to.includes(`node_modules/${to}/`)))
      .map(({ rule }) => rule.name);

  it.each(Object.entries(FORBIDDEN))('%s bites', (rule, pairs) => {
    for (const [from, to] of pairs) {
      const broken = rule === 'no-dead-files' ? rulesBrokenBy(from, from) : rulesBrokenBy(from, to);
      expect([from, ...broken]).toContain(rule);
    }
  });

  it.each(ALLOWED.map(([from, to]) => [from, to] as const))('%s may import %s', (from, to) => {
    expect(rulesBrokenBy(from, to)).toEqual([]);
  });

  it('every rule has a reason and is tried here', () => {
    const { forbidden } = jest.requireActual<{ forbidden: { name: string; comment: string }[] }>('../../.dependency-cruiser.cjs');
    expect(forbidden.filter(({ comment }) => comment.length < 20)).toEqual([]);
    // The last room has nobody to its right.
    expect(forbidden.map(({ name }) => name).filter((name) => !(name in FORBIDDEN))).toEqual(['rank-notifications']);
  });
});
