/** Reads a source in the background and keeps what came. */
export class Collected<T> {
  readonly items: T[] = [];
  readonly done: Promise<void>;

  constructor(private readonly source: AsyncIterableIterator<T>) {
    this.done = this.readAll();
  }

  async cut(): Promise<void> {
    await this.source.return?.();
    await this.done;
  }

  private async readAll(): Promise<void> {
    for await (const item of this.source) this.items.push(item);
  }
}
