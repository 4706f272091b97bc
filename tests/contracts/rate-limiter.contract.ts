import { randomUUID } from 'node:crypto';
import type { RateDecision, RateLimiter, RateRule } from '../../src/realtime/rate-limiter';
import { waitFor } from '../support/wait-for';

export interface RateLimiterBench {
  /** Two instances on the same store. For the memory limiter, the same one twice. */
  readonly instances: readonly [RateLimiter, RateLimiter];
  close(): Promise<void>;
}

const WINDOW_MS = 60_000;
/** The promise is half a second; the rest is for a busy machine. */
const ANSWER_MS = 1_000;

/** What the doc comment of `RateLimiter` promises. */
export function describeRateLimiterContract(name: string, openBench: () => Promise<RateLimiterBench>): void {
  describe(`the ${name} rate limiter`, () => {
    let bench: RateLimiterBench;
    let here: RateLimiter;
    let there: RateLimiter;
    let key: string;
    const rule = (points: number, windowMs = WINDOW_MS): RateRule => ({ name: `test ${points} ${windowMs}`, points, windowMs });
    const admitted = (decisions: readonly RateDecision[]): number => decisions.filter(({ allowed }) => allowed).length;

    beforeAll(async () => {
      bench = await openBench();
      [here, there] = bench.instances;
    });
    beforeEach(() => {
      key = randomUUID();
    });
    afterAll(async () => {
      for (const limiter of bench.instances) await limiter.close();
      await bench.close();
    });

    it('admits exactly the points of a window, over all instances, however many ask at once', async () => {
      const decisions = await Promise.all(Array.from({ length: 100 }, (_, n) => (n % 2 ? here : there).consume(rule(10), key)));
      expect(admitted(decisions)).toBe(10);
    });

    it('tells a refused caller when to come back', async () => {
      await here.consume(rule(1), key);
      const decision = await there.consume(rule(1), key);
      if (decision.allowed) throw new Error('One point was admitted twice.');
      expect(decision.retryAfterMs).toBeGreaterThan(WINDOW_MS - 5_000);
      expect(decision.retryAfterMs).toBeLessThanOrEqual(WINDOW_MS);
    });

    it('takes nothing for a refused call', async () => {
      expect(await here.consume(rule(10), key, 6)).toEqual({ allowed: true });
      for (let n = 0; n < 5; n += 1) expect(await there.consume(rule(10), key, 5)).toMatchObject({ allowed: false });
      expect(await here.consume(rule(10), key, 4)).toEqual({ allowed: true });
      expect(await here.consume(rule(10), key)).toMatchObject({ allowed: false });
    });

    it('takes nothing for refused calls among admitted ones at the same moment', async () => {
      const costs = [4, 11, 11, 4, 11, 1, 1];
      const decisions = await Promise.all(costs.map((cost) => here.consume(rule(10), key, cost)));
      expect(decisions.map(({ allowed }) => allowed)).toEqual([true, false, false, true, false, true, true]);
    });

    it('refuses what costs more than a whole window, and leaves the window as it was', async () => {
      expect(await here.consume(rule(3), key, 4)).toMatchObject({ allowed: false });
      expect(await here.consume(rule(3), key, 3)).toEqual({ allowed: true });
    });

    it('counts rules and keys apart', async () => {
      const other: RateRule = { name: 'other', points: 1, windowMs: WINDOW_MS };
      expect(await here.consume(rule(1), key)).toEqual({ allowed: true });
      expect(await here.consume(other, key)).toEqual({ allowed: true });
      expect(await here.consume(rule(1), `${key}:odd "ż" \n`)).toEqual({ allowed: true });
      expect(await here.consume(rule(1), key)).toMatchObject({ allowed: false });
    });

    it('opens a new window when one has ended, with all its points', async () => {
      const quick = rule(5, 300);
      const opened = performance.now();
      await here.consume(quick, key, 5);
      let refused: RateDecision = await there.consume(quick, key);
      if (refused.allowed) throw new Error('A full window admitted more.');
      expect(refused.retryAfterMs).toBeLessThanOrEqual(300);
      await waitFor(async () => (refused = await there.consume(quick, key, 3)).allowed, { what: 'the next window' });
      expect(performance.now() - opened).toBeGreaterThanOrEqual(295);
      expect(await here.consume(quick, key, 2)).toEqual({ allowed: true });
      expect(await here.consume(quick, key)).toMatchObject({ allowed: false });
    });

    it('answers each within half a second when hundreds ask', async () => {
      const asked = Array.from({ length: 300 }, async (_, n) => {
        const started = performance.now();
        await here.consume(rule(100), `${key}:${n % 30}`);
        return performance.now() - started;
      });
      expect(Math.max(...(await Promise.all(asked)))).toBeLessThan(ANSWER_MS);
    });
  });
}
