const FIRST_MS = 50;
const LONGEST_MS = 1_000;

/** How long to wait before try number `attempt` (from 1): doubling up to a second, then halved at random so that nobody comes in step. */
export function backoffMs(attempt: number): number {
  return jittered(Math.min(FIRST_MS * 2 ** Math.min(attempt - 1, 10), LONGEST_MS));
}

/** Between half of it and all of it. */
export function jittered(milliseconds: number): number {
  return milliseconds * (0.5 + Math.random() / 2);
}
