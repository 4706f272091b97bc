import type { FastifyInstance } from 'fastify';
import type { Limits } from '../graphql/limits';
import type { Draining } from './draining';

/** `degraded` works, only worse: the instance stays ready. */
export interface CheckResult {
  readonly state: 'up' | 'degraded' | 'down';
  readonly detail?: string;
}

/** One thing the instance cannot do without: database, bus, migrations. */
export interface HealthCheck {
  readonly name: string;
  check(): CheckResult | Promise<CheckResult>;
}

const CHECK_TIMEOUT_MS = 2_000;

/**
 * `/livez`: the event loop turns. `/readyz` and its alias `/healthz`: send requests here. `?verbose` shows each check and every limit.
 * However many ask, each check runs once at a time.
 */
export function serveHealth(
  server: FastifyInstance,
  { checks, draining, limits }: { checks: readonly HealthCheck[]; draining: Draining; limits: Limits },
): void {
  let running: Promise<Readonly<Record<string, CheckResult>>> | null = null;
  const results = (): Promise<Readonly<Record<string, CheckResult>>> => {
    running ??= runAll(checks).finally(() => (running = null));
    return running;
  };

  server.get('/livez', async () => ({ status: 'ok' }));
  for (const path of ['/readyz', '/healthz']) {
    server.get<{ Querystring: { verbose?: string } }>(path, async ({ query }, reply) => {
      const states = await results();
      draining.asked();
      const ready = !draining.started && Object.values(states).every(({ state }) => state !== 'down');
      const degraded = Object.values(states).some(({ state }) => state === 'degraded');
      const status = draining.started ? 'draining' : !ready ? 'unavailable' : degraded ? 'degraded' : 'ok';
      const details = { uptimeSeconds: Math.round(process.uptime()), draining: draining.started, checks: states, limits };
      return reply.code(ready ? 200 : 503).send(query.verbose === undefined ? { status } : { status, ...details });
    });
  }
}

async function runAll(checks: readonly HealthCheck[]): Promise<Readonly<Record<string, CheckResult>>> {
  return Object.fromEntries(await Promise.all(checks.map(async (check) => [check.name, await runOne(check)] as const)));
}

/** A check that throws or hangs is down; why stays in the logs of whoever threw. */
async function runOne(check: HealthCheck): Promise<CheckResult> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<CheckResult>((resolve) => {
    timer = setTimeout(() => resolve({ state: 'down', detail: 'no answer in time' }), CHECK_TIMEOUT_MS);
  });
  try {
    return await Promise.race([Promise.resolve(check.check()), late]);
  } catch {
    return { state: 'down', detail: 'failed' };
  } finally {
    clearTimeout(timer);
  }
}
