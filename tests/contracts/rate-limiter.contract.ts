import { randomUUID } from 'node:crypto';
import type { RateDecision, RateLimiter, RateRule, SlidingRule } from '../../src/realtime/rate-limiter';
import { RateReserve } from '../../src/realtime/rate-reserve';
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
      expect(await here.consume(rule(10), key, 6)).toMatchObject({ allowed: true });
      for (let n = 0; n < 5; n += 1) expect(await there.consume(rule(10), key, 5)).toMatchObject({ allowed: false });
      expect(await here.consume(rule(10), key, 4)).toMatchObject({ allowed: true });
      expect(await here.consume(rule(10), key)).toMatchObject({ allowed: false });
    });

    it('takes nothing for refused calls among admitted ones at the same moment', async () => {
      const costs = [4, 11, 11, 4, 11, 1, 1];
      const decisions = await Promise.all(costs.map((cost) => here.consume(rule(10), key, cost)));
      expect(decisions.map(({ allowed }) => allowed)).toEqual([true, false, false, true, false, true, true]);
    });

    it('refuses what costs more than a whole window, and leaves the window as it was', async () => {
      expect(await here.consume(rule(3), key, 4)).toMatchObject({ allowed: false });
      expect(await here.consume(rule(3), key, 3)).toMatchObject({ allowed: true });
    });

    it('counts rules and keys apart', async () => {
      const other: RateRule = { name: 'other', points: 1, windowMs: WINDOW_MS };
      expect(await here.consume(rule(1), key)).toMatchObject({ allowed: true });
      expect(await here.consume(other, key)).toMatchObject({ allowed: true });
      expect(await here.consume(rule(1), `${key}:odd "ż" \n`)).toMatchObject({ allowed: true });
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
      expect(await here.consume(quick, key, 2)).toMatchObject({ allowed: true });
      expect(await here.consume(quick, key)).toMatchObject({ allowed: false });
    });

    it('tells where a key stands', async () => {
      expect(await here.consume(rule(10), key, 4)).toMatchObject({ allowed: true, limit: 10, remaining: 6 });
      const refused = await there.consume(rule(10), key, 7);
      expect(refused).toMatchObject({ allowed: false, limit: 10, remaining: 6 });
      expect(refused.resetMs).toBeGreaterThan(WINDOW_MS - 5_000);
      expect(refused.resetMs).toBeLessThanOrEqual(WINDOW_MS);
    });

    describe('of a sliding window', () => {
      const sliding = (points: number, burst: number, windowMs = WINDOW_MS): SlidingRule => ({
        ...rule(points, windowMs),
        name: 'sliding',
        burst,
      });

      it('admits at once exactly the burst, over all instances, however many ask', async () => {
        const decisions = await Promise.all(Array.from({ length: 100 }, (_, n) => (n % 2 ? here : there).consume(sliding(6, 10), key)));
        expect(admitted(decisions)).toBe(10);
      });

      it('gives points back one by one, and says when', async () => {
        const quick = sliding(10, 3, 2_000);
        const opened = performance.now();
        expect(await here.consume(quick, key, 3)).toMatchObject({ allowed: true, limit: 3, remaining: 0 });
        let decision: RateDecision = await there.consume(quick, key);
        if (decision.allowed) throw new Error('The burst was admitted and more.');
        expect(decision.retryAfterMs).toBeLessThanOrEqual(201);
        await waitFor(async () => (decision = await there.consume(quick, key)).allowed, { what: 'the next point' });
        expect(performance.now() - opened).toBeGreaterThanOrEqual(195);
      });

      it('tells where a key stands', async () => {
        const { remaining, resetMs, limit } = await here.consume(sliding(60, 20), key, 5);
        expect({ remaining, limit }).toEqual({ remaining: 15, limit: 20 });
        expect(resetMs).toBeGreaterThan(4_000);
        expect(resetMs).toBeLessThanOrEqual(5_000);
      });

      it('tells where a key stands that asks for nothing', async () => {
        expect(await here.consume(sliding(6, 10), key, 0)).toMatchObject({ allowed: true, remaining: 10 });
        await here.consume(sliding(6, 10), key, 10);
        for (let n = 0; n < 3; n += 1) expect(await there.consume(sliding(6, 10), key, 0)).toMatchObject({ allowed: true, remaining: 0 });
      });

      it('takes nothing for a refused call, and refuses what costs more than the burst', async () => {
        expect(await here.consume(sliding(6, 10), key, 11)).toMatchObject({ allowed: false, remaining: 10 });
        for (let n = 0; n < 5; n += 1) await there.consume(sliding(6, 10), key, 11);
        expect(await here.consume(sliding(6, 10), key, 10)).toMatchObject({ allowed: true, remaining: 0 });
      });

      it('never admits more than points and burst while both instances are asked without end (P4)', async () => {
        const quick = sliding(50, 10, 500);
        const startedAt = performance.now();
        let count = 0;
        const insist = async (limiter: RateLimiter): Promise<void> => {
          while (performance.now() - startedAt < 1_200)
            count += admitted(await Promise.all([1, 2, 3].map(() => limiter.consume(quick, key))));
        };
        await Promise.all([insist(here), insist(there)]);
        const windows = (performance.now() - startedAt) / 500;
        expect(count).toBeLessThanOrEqual(10 + 50 * windows + 1);
        expect(count).toBeGreaterThan(50);
      });

      it('admits no more when its points are taken in blocks, and asks far less often (P4)', async () => {
        const window = sliding(3_000, 1_500);
        let asked = 0;
        const counted = (limiter: RateLimiter): Pick<RateLimiter, 'consume'> => ({
          consume: (...call) => ((asked += 1), limiter.consume(...call)),
        });
        const reserves = [new RateReserve(counted(here)), new RateReserve(counted(there))];
        const startedAt = performance.now();
        const decisions: RateDecision[] = [];
        for (let n = 0; n < 30; n += 1) {
          decisions.push(...(await Promise.all(Array.from({ length: 50 }, (_, i) => reserves[i % 2]!.take(window, key, 2)))));
        }
        const back = ((performance.now() - startedAt) * 3_000) / WINDOW_MS;
        for (const reserve of reserves) reserve.close();
        const points = 2 * admitted(decisions);
        expect(points).toBeLessThanOrEqual(1_500 + back);
        expect(points).toBeGreaterThan(1_100);
        expect(asked).toBeLessThan(decisions.length / 4);
        expect(decisions.at(-1)).toMatchObject({ allowed: false });
      });
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
