/** Chances that come out the same for the same seed. */
export class Draw {
  /** With `fresh`, what could be taken from what is there is made anew. */
  constructor(
    private seed: number,
    private readonly fresh = false,
  ) {}

  /** 0 to `most`, both included. */
  nat(most: number): number {
    this.seed = (this.seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.seed ^ (this.seed >>> 15), 1 | this.seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % (most + 1);
  }

  of<T>(list: readonly [T, ...T[]] | readonly T[]): T {
    if (list.length === 0) throw new Error('Nothing to draw from');
    return list[this.nat(list.length - 1)] as T;
  }

  /** One of those that are there, or, where there is none and now and then, a new one. */
  async among<T>(known: readonly T[], make: () => Promise<T>): Promise<T> {
    return this.fresh || known.length === 0 || this.nat(3) === 0 ? make() : this.of(known);
  }

  text(): string {
    return `Words ${this.nat(1_000_000)}`;
  }
}
