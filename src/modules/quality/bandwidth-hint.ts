import type { Measurement } from './quality-score';

/** Where hints for one direction of a connection stand. */
export interface HintState {
  /** What the sender was told last; null: nothing yet, so it sends as it likes. */
  readonly hintKbps: number | null;
  /** How many reports in a row had room for more. */
  readonly clearReports: number;
}

const LOSSY_PERCENT = 10;
const CLEAR_PERCENT = 2;
const CLEAR_REPORTS = 3;
const GROWTH = 1.08;
const LEAST_KBPS = 50;
const MOST_KBPS = 10_000_000;
/** What is not worth telling. */
const LEAST_CHANGE = 0.1;

/**
 * What a receiver's report has the sender told, after the loss-based rule of Google Congestion Control (draft-ietf-rmcat-gcc-02 §6):
 * above 10 % loss the rate × (1 − loss / 2), at once; below 2 % × 1.08, when three reports in a row were that clear, and only from a hint
 * that there is; between them nothing. A change of less than a tenth is not told.
 */
export function hintAfter(state: HintState, { lossPercent, bitrateKbps }: Measurement): HintState {
  if (lossPercent > LOSSY_PERCENT) {
    const from = Math.min(state.hintKbps ?? bitrateKbps, bitrateKbps);
    return told({ ...state, clearReports: 0 }, from * (1 - lossPercent / 200));
  }
  if (lossPercent >= CLEAR_PERCENT || state.hintKbps === null) return { ...state, clearReports: 0 };
  const clearReports = state.clearReports + 1;
  if (clearReports < CLEAR_REPORTS) return { ...state, clearReports };
  return told({ ...state, clearReports }, state.hintKbps * GROWTH ** clearReports);
}

function told(state: HintState, kbps: number): HintState {
  const hintKbps = Math.round(Math.min(MOST_KBPS, Math.max(LEAST_KBPS, kbps)));
  const isWorthIt = state.hintKbps === null || Math.abs(hintKbps - state.hintKbps) >= LEAST_CHANGE * state.hintKbps;
  return isWorthIt ? { hintKbps, clearReports: 0 } : state;
}
