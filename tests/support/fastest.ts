/** The fastest of several, in milliseconds: what the work itself takes, not what else the machine was doing. */
export async function fastestMs(work: () => unknown, times = 20): Promise<number> {
  let fastest = Infinity;
  for (let n = 0; n < times; n += 1) {
    const startedAt = performance.now();
    await work();
    fastest = Math.min(fastest, performance.now() - startedAt);
  }
  return fastest;
}

/**
 * How many times as long as the reference the work takes. Both take turns, each for about as long, so a slow or busy machine that takes its
 * processor away from one now and then takes it from the other as well.
 */
export async function costInUnits(work: () => unknown, reference: () => unknown, times = 20): Promise<number> {
  let [own, unit] = [await fastestMs(work, 2), await fastestMs(reference, 3)];
  for (let n = 0; n < times; n += 1) {
    const repeats = Math.max(1, Math.round(own / unit));
    own = Math.min(own, await fastestMs(work, 1));
    unit = Math.min(unit, (await fastestMs(() => repeat(reference, repeats), 1)) / repeats);
  }
  return own / unit;
}

function repeat(work: () => unknown, times: number): void {
  for (let n = 0; n < times; n += 1) work();
}
