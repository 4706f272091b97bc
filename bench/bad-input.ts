/**
 * How long bad input keeps the server: every request of `tests/support/malformed.ts`, and every value that no input expects
 * (`tests/support/mutants.ts`), one at a time, by somebody who has signed in.
 *
 *   npm run build && npm run bench:bad-input -- [--quick] [--embedded]
 *
 * Promised is a p99 of 50 ms in each class. What is not there is answered on the beat of 25 ms (`docs/decisions/0030`), which is most of what
 * the ids take. An answer of 500 or more ends the program with an error.
 */
import { parseArgs } from 'node:util';
import { buildParleySchema } from '../src/app/schema';
import { malformedDates, malformedDocuments, malformedIds, malformedRequests } from '../tests/support/malformed';
import type { Sent } from '../tests/support/malformed';
import { mutantsOf } from '../tests/support/mutants';
import { ask, openConference, startEmbeddedServer, startParleyServers } from './parley';
import { median, percentile } from './process-stats';

const { values: flags } = parseArgs({ options: { quick: { type: 'boolean' }, embedded: { type: 'boolean' } } });
const ROUNDS = flags.quick ? 2 : 5;

interface Timed {
  readonly ms: number;
  readonly status: number;
}

async function timed(url: string, token: string, { path, init }: Sent): Promise<Timed> {
  const own = init.method === 'POST' && { authorization: `Bearer ${token}` };
  const startedAt = performance.now();
  const response = await fetch(`${url}${path}`, { ...init, headers: { ...own, ...init.headers } });
  await response.arrayBuffer();
  return { ms: performance.now() - startedAt, status: response.status };
}

/** All but those that would end the sign-in. */
function wrongValues(ids: readonly string[]): Sent[] {
  const { schema } = buildParleySchema();
  return mutantsOf(schema, ids)
    .filter(({ name }) => !/ logout/.test(name))
    .flatMap(({ query, variables: all }) => all.map((variables) => JSON.stringify({ query, variables })))
    .map((body) => ({ path: '/graphql', init: { method: 'POST', headers: { 'content-type': 'application/json' }, body } }));
}

async function measure(url: string): Promise<void> {
  const { hostToken, sessionId, channelId } = await openConference(url, 10);
  const { viewer } = await ask<{ viewer: { user: { id: string } } }>(url, hostToken, '{ viewer { user { id } } }', {});
  const classes: Readonly<Record<string, readonly Sent[]>> = {
    documents: malformedDocuments(),
    'JSON and HTTP': malformedRequests(),
    'ids and cursors': malformedIds({ sessionId, channelId, userId: viewer.user.id }),
    dates: malformedDates(),
    'fields × boundaries': wrongValues([sessionId, channelId, viewer.user.id]),
  };
  process.stdout.write('| class | requests | p50 ms | p99 ms | highest ms |\n|---|---|---|---|---|\n');
  for (const [name, requests] of Object.entries(classes)) {
    for (const request of requests) await timed(url, hostToken, request);
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const request of requests) {
        const { ms, status } = await timed(url, hostToken, request);
        if (status >= 500) throw new Error(`${status} to ${JSON.stringify(request).slice(0, 500)}`);
        times.push(ms);
      }
    }
    const told = [median(times), percentile(times, 0.99), Math.max(...times)].map((ms) => ms.toFixed(1));
    process.stdout.write(`| ${name} | ${ROUNDS} × ${requests.length} | ${told.join(' | ')} |\n`);
  }
}

async function main(): Promise<void> {
  if (flags.embedded) {
    const server = await startEmbeddedServer();
    await measure(server.url).finally(() => server.stop());
    return;
  }
  const { servers, stop } = await startParleyServers(1);
  await measure(servers[0]?.url ?? '').finally(() => stop());
}

void main();
