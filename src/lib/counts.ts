/** How many there are of each key. Keys of which there are none take no room. */
export class Counts {
  private readonly byKey = new Map<string, number>();

  of(key: string): number {
    return this.byKey.get(key) ?? 0;
  }

  add(key: string, change: number): void {
    const count = this.of(key) + change;
    if (count === 0) this.byKey.delete(key);
    else this.byKey.set(key, count);
  }
}
