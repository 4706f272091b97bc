import type { HintState } from '../../../src/modules/quality/bandwidth-hint';
import { hintAfter } from '../../../src/modules/quality/bandwidth-hint';
import type { QualityBand } from '../../../src/modules/quality/quality-score';
import { bandOf, scoreOf, smoothed } from '../../../src/modules/quality/quality-score';
import { impoliteOf, MAX_RESTARTS, recoveryAfter, RESTART_MS } from '../../../src/modules/quality/recovery';

/** Worked out by hand from docs/signaling.md. */
describe('the score', () => {
  it.each([
    ['a good connection', { rttMs: 40, jitterMs: 5, lossPercent: 0 }, 4.389099],
    ['nothing in the way', { rttMs: 0, jitterMs: 0, lossPercent: 0 }, 4.404394],
    ['a long way with some loss', { rttMs: 300, jitterMs: 20, lossPercent: 3 }, 3.934183],
    ['a bad one', { rttMs: 500, jitterMs: 30, lossPercent: 10 }, 2.480768],
    ['the bend at 160 ms', { rttMs: 300, jitterMs: 0, lossPercent: 0 }, 4.318911],
    ['hopeless loss', { rttMs: 0, jitterMs: 0, lossPercent: 40 }, 1],
    ['the worst that can be reported', { rttMs: 60_000, jitterMs: 60_000, lossPercent: 100 }, 1],
  ])('of %s', (_, measured, score) => {
    expect(scoreOf({ ...measured, bitrateKbps: 0 })).toBeCloseTo(score, 3);
  });

  it('is as good on both sides of the bend at 160 ms', () => {
    const at = (rttMs: number): number => scoreOf({ rttMs, jitterMs: 0, lossPercent: 0, bitrateKbps: 0 });
    expect(at(299.999)).toBeCloseTo(at(300), 4);
  });

  it('moves by 40 % of what is new; the first counts whole', () => {
    expect([smoothed(null, 4), smoothed(4, 2)]).toEqual([4, 3.2]);
  });
});

describe('the band', () => {
  it.each<[number, QualityBand | null, QualityBand]>([
    [4.2, null, 'EXCELLENT'],
    [4.19, null, 'GOOD'],
    [3.1, null, 'FAIR'],
    [3.09, null, 'POOR'],
    // Down: a tenth below the floor.
    [4.15, 'EXCELLENT', 'EXCELLENT'],
    [4.11, 'EXCELLENT', 'EXCELLENT'],
    [4.09, 'EXCELLENT', 'GOOD'],
    [3.71, 'GOOD', 'GOOD'],
    [3.69, 'GOOD', 'FAIR'],
    [2.99, 'FAIR', 'POOR'],
    // Up: a tenth above it.
    [4.25, 'GOOD', 'GOOD'],
    [4.31, 'GOOD', 'EXCELLENT'],
    [3.19, 'POOR', 'POOR'],
    [3.21, 'POOR', 'FAIR'],
    // Over several floors at once: the same margin at each.
    [2, 'EXCELLENT', 'POOR'],
    [3.05, 'EXCELLENT', 'FAIR'],
    [4.25, 'POOR', 'GOOD'],
    [4.2, 'LOST', 'EXCELLENT'],
  ])('of %f after %s is %s', (score, before, band) => {
    expect(bandOf(score, before)).toBe(band);
  });

  it('does not change with a score that dithers on a floor', () => {
    let band = bandOf(3.8, null);
    const seen = new Set([band]);
    for (let n = 0; n < 100; n += 1) seen.add((band = bandOf(3.8 + (n % 2 === 0 ? 0.09 : -0.09), band)));
    expect([...seen]).toEqual(['GOOD']);
  });
});

describe('the hint to the sender', () => {
  const NONE: HintState = { hintKbps: null, clearReports: 0 };
  const after = (state: HintState, ...reports: readonly (readonly [lossPercent: number, bitrateKbps: number])[]): HintState =>
    reports.reduce<HintState>(
      (now, [lossPercent, bitrateKbps]) => hintAfter(now, { rttMs: 0, jitterMs: 0, lossPercent, bitrateKbps }),
      state,
    );

  it('is none while nothing is lost', () => {
    expect(after(NONE, [0, 1_000], [1.9, 1_000], [5, 1_000], [10, 1_000])).toEqual(NONE);
  });

  it('goes down at once with loss above 10 %: by half of it', () => {
    expect(after(NONE, [20, 1_000])).toEqual({ hintKbps: 900, clearReports: 0 });
    expect(after(NONE, [20, 1_000], [50, 900])).toEqual({ hintKbps: 675, clearReports: 0 });
    expect(after(NONE, [100, 10])).toEqual({ hintKbps: 50, clearReports: 0 });
  });

  it('goes up after three clear reports in a row, by 8 % for each', () => {
    const low: HintState = { hintKbps: 500, clearReports: 0 };
    expect(after(low, [0, 500], [0, 500])).toEqual({ hintKbps: 500, clearReports: 2 });
    expect(after(low, [0, 500], [0, 500], [0, 500])).toEqual({ hintKbps: 630, clearReports: 0 });
    expect(after(low, [0, 500], [0, 500], [5, 500], [0, 500])).toEqual({ hintKbps: 500, clearReports: 1 });
  });

  it('is not told anew for less than a tenth', () => {
    expect(after({ hintKbps: 1_000, clearReports: 0 }, [12, 1_000])).toEqual({ hintKbps: 1_000, clearReports: 0 });
    expect(after({ hintKbps: 1_000, clearReports: 0 }, [20, 1_000])).toEqual({ hintKbps: 900, clearReports: 0 });
  });

  it('has an upper end', () => {
    const high: HintState = { hintKbps: 9_000_000, clearReports: 0 };
    expect(after(high, [0, 1], [0, 1], [0, 1])).toEqual({ hintKbps: 10_000_000, clearReports: 0 });
  });
});

describe('recovery', () => {
  it.each([
    ['the first failure', 0, null, 'FAILED', 'restart'],
    ['the same failure, told again', 1, RESTART_MS - 1, 'FAILED', 'wait'],
    ['a restart that came to nothing', 1, RESTART_MS, 'FAILED', 'restart'],
    ['the last of them', MAX_RESTARTS, RESTART_MS, 'FAILED', 'giveUp'],
    ['a connection that is back', 2, 100, 'CONNECTED', 'recovered'],
    ['one that never was away', 0, null, 'CONNECTED', 'wait'],
    ['an interruption', 0, null, 'DISCONNECTED', 'wait'],
    ['an end', 1, RESTART_MS, 'CLOSED', 'wait'],
  ] as const)('of %s', (_, restarts, sinceRestartMs, reported, step) => {
    expect(recoveryAfter({ restarts, sinceRestartMs }, reported)).toBe(step);
  });

  it('asks the same side, whoever reports', () => {
    expect([impoliteOf('att_a', 'att_b'), impoliteOf('att_b', 'att_a')]).toEqual(['att_a', 'att_a']);
  });
});
