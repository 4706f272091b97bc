import { setTimeout as sleep } from 'node:timers/promises';
import type { Payload } from './operation';

/** Longer than finding out usually takes, shorter than anybody notices. */
export const ABSENCE_BEAT_MS = 25;

/** Whether the answer says of something that it is not there, or not the caller's: NOT_FOUND, or a null where a thing was asked for by itself. */
export function tellsOfAbsence({ data, errors }: Payload): boolean {
  if (errors?.some(({ extensions }) => extensions.code === 'NOT_FOUND') === true) return true;
  return data != null && Object.values(data).some((value) => value === null || (Array.isArray(value) && value.includes(null)));
}

/**
 * Resolves at the next whole number of beats after `startedAt` (of `performance.now()`). What is not there is found out with fewer reads
 * than what is not the caller's: answered on the beat, the two take as long (docs/decisions/0030).
 */
export async function untilBeat(startedAt: number): Promise<void> {
  const elapsed = performance.now() - startedAt;
  await sleep(Math.ceil(ABSENCE_BEAT_MS - (elapsed % ABSENCE_BEAT_MS)));
}
