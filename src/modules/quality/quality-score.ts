/** What one side of a connection has measured since its last report. */
export interface Measurement {
  readonly rttMs: number;
  /** 0 to 100. */
  readonly lossPercent: number;
  readonly jitterMs: number;
  /** Received. */
  readonly bitrateKbps: number;
}

/** Best first. */
export const BANDS = ['EXCELLENT', 'GOOD', 'FAIR', 'POOR', 'LOST'] as const;
export type QualityBand = (typeof BANDS)[number];

/** The least score of each band that has one. */
const FLOORS: readonly (readonly [band: QualityBand, floor: number])[] = [
  ['EXCELLENT', 4.2],
  ['GOOD', 3.8],
  ['FAIR', 3.1],
  ['POOR', 0],
];

/** As far beyond a floor a score must be to leave the band on its other side. */
const MARGIN = 0.1;
/** How much of the score so far goes with each report. */
const INERTIA = 0.6;

const BEST_R = 93.2;
/** What playing out and encoding take beside the way: the E-model's usual allowance. */
const PROCESSING_MS = 10;
const LOSS_WEIGHT = 2.5;

/**
 * The mean opinion score, 1 to 4.4, by the simplified E-model (ITU-T G.107): the effective delay is half the round trip, twice the jitter
 * and 10 ms; below 160 ms it takes 1/40 from R for each millisecond, from there 1/10 for each beyond 120; each percent of loss takes 2.5.
 * MOS = 1 + 0.035 R + 7·10⁻⁶ R (R − 60) (100 − R), R not below 0.
 */
export function scoreOf({ rttMs, lossPercent, jitterMs }: Measurement): number {
  const delay = rttMs / 2 + 2 * jitterMs + PROCESSING_MS;
  const delayed = delay < 160 ? delay / 40 : (delay - 120) / 10;
  const r = Math.max(0, BEST_R - delayed - LOSS_WEIGHT * lossPercent);
  return Math.max(1, 1 + 0.035 * r + 7e-6 * r * (r - 60) * (100 - r));
}

/** One report more: 60 % of what it was, 40 % of what was measured now. The first counts whole. */
export function smoothed(before: number | null, now: number): number {
  return before === null ? now : INERTIA * before + (1 - INERTIA) * now;
}

/** A band is left downwards 0.1 below its floor, and entered from below 0.1 above it: a score that dithers on a floor changes nothing. */
export function bandOf(score: number, before: QualityBand | null): QualityBand {
  const plain = bandAt(score);
  if (before === null || before === 'LOST' || plain === before) return plain;
  const isWorse = BANDS.indexOf(plain) > BANDS.indexOf(before);
  const wary = bandAt(isWorse ? score + MARGIN : score - MARGIN);
  const isStillWorse = BANDS.indexOf(wary) > BANDS.indexOf(before);
  return wary === before || isStillWorse !== isWorse ? before : wary;
}

function bandAt(score: number): QualityBand {
  return FLOORS.find(([, floor]) => score >= floor)?.[0] ?? 'POOR';
}
