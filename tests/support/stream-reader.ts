import type { Position, StreamItem } from '../../src/realtime/event';

/** Reads a followed stream in the background and keeps what came. */
export class StreamReader {
  readonly items: StreamItem[] = [];
  readonly done: Promise<void>;

  constructor(private readonly source: AsyncIterableIterator<StreamItem>) {
    this.done = this.readAll();
  }

  get offsets(): number[] {
    return this.items.flatMap((item) => (item.kind === 'event' ? [item.event.offset] : []));
  }

  get gaps(): number {
    return this.items.filter((item) => item.kind === 'opened' && !item.recovered).length;
  }

  /** Where a client would go on from. */
  get cursor(): Position | null {
    const last = this.items.at(-1);
    if (last === undefined) return null;
    return last.kind === 'opened' ? last.position : { epoch: last.event.epoch, offset: last.event.offset };
  }

  async cut(): Promise<void> {
    await this.source.return?.();
    await this.done;
  }

  private async readAll(): Promise<void> {
    for await (const item of this.source) this.items.push(item);
  }
}
