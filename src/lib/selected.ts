/** Passes on what is chosen at the moment of its coming. */
export class Selected<T> implements AsyncIterableIterator<T> {
  constructor(
    private readonly source: AsyncIterableIterator<T>,
    private readonly isChosen: (value: T) => boolean | Promise<boolean>,
  ) {}

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    for (;;) {
      const result = await this.source.next();
      if (result.done === true || (await this.isChosen(result.value))) return result;
    }
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    await this.source.return?.();
    return { value: undefined, done: true };
  }
}
