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

/** How many times as long as the reference the work takes. Both take turns, so a slow or busy machine changes neither more than the other. */
export async function costInUnits(work: () => unknown, reference: () => unknown, times = 20): Promise<number> {
  let [own, unit] = [Infinity, Infinity];
  for (let n = 0; n < times; n += 1) {
    unit = Math.min(unit, await fastestMs(reference, 3));
    own = Math.min(own, await fastestMs(work, 1));
  }
  return own / unit;
}
