import fc from 'fast-check';
import { createJoinCode, parseJoinCode } from '../../../src/modules/sessions/join-code';

describe('join codes', () => {
  it('have eight characters that cannot be taken for others', () => {
    for (let i = 0; i < 1_000; i += 1) expect(createJoinCode()).toMatch(/^[A-HJKMNP-TV-Z2-9]{8}$/);
  });

  it('are found again however they are typed', () => {
    for (const typed of ['ABCDEFGH', 'abcd-efgh', ' AbCd EfGh ', 'a b c d e f g h']) expect(parseJoinCode(typed)).toBe('ABCDEFGH');
  });

  it('are not made of anything else', () => {
    for (const typed of ['', 'ABCDEFG', 'ABCDEFGHJ', 'ABCDEFG0', 'ABCDEFGİ', `ABCDEFGH${' '.repeat(1_000)}`])
      expect(parseJoinCode(typed)).toBeNull();
  });

  it('read any text as a code or as none', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (typed) => [null, 8].includes(parseJoinCode(typed)?.length ?? null)),
      { numRuns: 1_000 },
    );
  });
});
