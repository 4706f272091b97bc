import fc from 'fast-check';
import { LONGEST_POSITION, positionBetween, positionsOf } from '../../../src/modules/collaboration/list-position';

const VALID = /^[0-9A-Za-z]*[1-9A-Za-z]$/;

describe('places in a list', () => {
  it('are between their neighbours, wherever and however often something is put', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 120 }), (draws) => {
        const list: string[] = [];
        for (const draw of draws) {
          const index = draw % (list.length + 1);
          const position = positionBetween(list[index - 1] ?? null, list[index] ?? null);
          expect(position).toMatch(VALID);
          list.splice(index, 0, position);
        }
        expect(list).toEqual([...new Set(list)].sort());
      }),
    );
  });

  it('stay short in lists that grow at their ends', () => {
    let [first, last] = [positionBetween(null, null), positionBetween(null, null)];
    for (let n = 0; n < 500; n += 1) [first, last] = [positionBetween(null, first), positionBetween(last, null)];
    expect(Math.max(first.length, last.length)).toBeLessThan(LONGEST_POSITION);
  });

  it('are given anew in order, short, none twice', () => {
    for (const count of [1, 2, 61, 62, 63, 201]) {
      const positions = positionsOf(count);
      expect(positions).toEqual([...new Set(positions)].sort());
      for (const position of positions) expect(position).toMatch(VALID);
      expect(positions.every(({ length }) => length <= 3)).toBe(true);
    }
  });
});
