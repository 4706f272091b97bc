export interface Bounds {
  readonly entries: number;
  readonly bytes: number;
}

/** Keeps what was used most recently, within a number of entries and of bytes. */
export class BoundedCache<Value> {
  private readonly entries = new Map<string, { readonly value: Value; readonly bytes: number }>();
  private bytes_ = 0;

  constructor(private readonly max: Bounds) {}

  get bytes(): number {
    return this.bytes_;
  }

  get size(): number {
    return this.entries.size;
  }

  get(key: string): Value | undefined {
    const entry = this.entries.get(key);
    if (entry === undefined) return undefined;
    this.entries.delete(key);
    this.entries.set(key, entry);
    return entry.value;
  }

  set(key: string, value: Value, bytes: number): void {
    this.delete(key);
    this.entries.set(key, { value, bytes });
    this.bytes_ += bytes;
    for (const oldest of this.entries.keys()) {
      if (this.bytes_ <= this.max.bytes && this.entries.size <= this.max.entries) break;
      this.delete(oldest);
    }
  }

  private delete(key: string): void {
    const entry = this.entries.get(key);
    if (entry === undefined) return;
    this.entries.delete(key);
    this.bytes_ -= entry.bytes;
  }
}
