import { ChildEnding, LightEnding } from '../../src/lib/ending';
import type { Ending } from '../../src/lib/ending';

class Child extends ChildEnding {
  ends = 0;

  constructor(parent: Ending) {
    super(parent);
    this.addEventListener('abort', { handleEvent: () => expect(this.ends).toBe(0) });
  }

  protected override onEnd(): void {
    this.ends += 1;
  }
}

/** How many listen to it. */
class Parent extends LightEnding {
  heard = 0;

  override addEventListener(...args: Parameters<LightEnding['addEventListener']>): void {
    this.heard += 1;
    super.addEventListener(...args);
  }

  override removeEventListener(...args: Parameters<LightEnding['removeEventListener']>): void {
    this.heard -= 1;
    super.removeEventListener(...args);
  }
}

describe('a child ending', () => {
  it('ends with its parent, once, after its listeners were told', () => {
    expect.assertions(3);
    const parent = new Parent();
    const child = new Child(parent);
    child.begin();
    parent.abort();
    child.abort();
    expect([child.aborted, child.ends]).toEqual([true, 1]);
    expect(parent.heard).toBe(0);
  });

  it('leaves its parent as it was when it ends before', () => {
    const parent = new Parent();
    const child = new Child(parent);
    child.begin();
    expect(parent.heard).toBe(1);
    child.abort();
    expect([parent.aborted, parent.heard, child.ends]).toEqual([false, 0, 1]);
  });

  it('ends at once under a parent that has ended', () => {
    const parent = new AbortController();
    parent.abort();
    const child = new Child(parent.signal);
    child.begin();
    expect([child.aborted, child.ends]).toEqual([true, 1]);
  });
});
