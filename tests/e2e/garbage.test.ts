import { buildParleySchema } from '../../src/app/schema';
import { eachOf } from '../support/each-of';
import { setStage } from '../support/factories/stage';
import type { Stage } from '../support/factories/stage';
import { mutantsOf } from '../support/mutants';
import { startTestApp } from '../support/test-app';
import type { TestApp } from '../support/test-app';
import { shareOfTier } from '../support/tier-share';

const AT_ONCE = 16;
const LEAST = 2_000;

const KNOWN = new Set([
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'BAD_USER_INPUT',
  'NOT_FOUND',
  'CONFLICT',
  'FAILED_PRECONDITION',
  'RATE_LIMITED',
  'QUERY_TOO_COMPLEX',
  'PAYLOAD_TOO_LARGE',
  'IDEMPOTENCY_CONFLICT',
]);

describe('garbage in every input', () => {
  const { schema } = buildParleySchema();
  let app: TestApp;
  let stage: Stage;
  let ids: string[];
  beforeAll(async () => {
    app = await startTestApp();
    stage = await setStage(app.url);
    ids = [stage.session.id, stage.channelId, stage.host.user.id];
  });
  afterAll(() => app.close());

  // Ends the sign-in that the others stand on.
  const names = mutantsOf(schema, []).flatMap(({ name }) => (name === 'mutation logout' ? [] : [name]));

  it.each(names)('%s answers typed errors', async (name) => {
    const { query, variables: all = [] } = mutantsOf(schema, ids).find((mutants) => mutants.name === name) ?? {};
    await eachOf(shareOfTier(all), AT_ONCE, async (variables) => {
      const { status, json } = await stage.host.api.post({ query, variables });
      const errors = (json.errors ?? []) as { message: string; extensions?: { code?: string; requestId?: string } }[];
      expect(status).toBeLessThan(500);
      for (const { message, extensions } of errors) {
        const shown = JSON.stringify(variables).slice(0, 300);
        const code = KNOWN.has(extensions?.code ?? '') ? 'known' : extensions?.code;
        expect({ variables: shown, code }).toEqual({ variables: shown, code: 'known' });
        expect(extensions?.requestId).toEqual(expect.any(String));
        expect(message).not.toMatch(/prisma|select |insert |constraint|at .*\.(ts|js):/i);
      }
    });
  });

  it(`tries ${LEAST} values and more`, () => {
    expect(mutantsOf(schema, ids).flatMap(({ variables }) => shareOfTier(variables)).length).toBeGreaterThanOrEqual(LEAST);
  });

  it('refuses a megabyte with a typed error', async () => {
    const { status, json } = await stage.host.api.post({ query: '{ viewer { email } }', variables: { x: 'x'.repeat(1_000_000) } });
    expect(status).toBe(413);
    expect(json).toMatchObject({ errors: [{ extensions: { code: 'PAYLOAD_TOO_LARGE', requestId: expect.any(String) as string } }] });
  });
});
