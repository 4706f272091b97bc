import fc from 'fast-check';
import { WordList } from '../../../src/modules/content-policy/word-list';

const LISTED = ['scam', 'viagra', 'casino', 'kill', 'ass', 'cock', 'penis', 'idiot', 'bitcoin', 'free money', 'spam*'];
const list = new WordList(LISTED);

const LEET: Readonly<Record<string, string[]>> = {
  a: ['4', '@', 'á', 'ä', 'а', 'α', 'ａ', '𝐚'],
  b: ['8', 'ь', 'ｂ'],
  c: ['с', 'ç', 'ⓒ'],
  e: ['3', '€', 'é', 'е', 'ε'],
  f: ['ｆ', '𝒇'],
  g: ['9', '6', 'ğ', 'ɡ'],
  i: ['1', '!', '|', 'í', 'і', 'ı'],
  k: ['к', 'κ', 'ｋ'],
  l: ['1', '|', 'ӏ', 'ł', 'ｌ'],
  m: ['м', 'ｍ'],
  n: ['ñ', 'п', '𝓷'],
  o: ['0', 'ö', 'о', 'ο', 'ø'],
  r: ['г', 'ř'],
  s: ['5', '$', 'š', 'ѕ'],
  t: ['7', '+', 'т', 'τ'],
  u: ['ü', 'υ'],
  v: ['ν', 'ѵ'],
  y: ['у', 'ý'],
};
const UNSEEN = ['\u200b', '\u200d', '\u2060', '\ufeff', '\u00ad', '\u0301'];
const single = fc.constantFrom(...LISTED.filter((entry) => /^[a-z]+$/.test(entry)));

/** Each letter as it is, in capitals, or as something that looks like it; the first and last not as what ends sentences. */
const dressed = (word: string): fc.Arbitrary<string[]> =>
  fc.tuple(
    ...[...word].map((letter, index) => {
      const edge = index === 0 || index === word.length - 1;
      const lookalikes = (LEET[letter] ?? []).filter((other) => !edge || !/[!|+]/.test(other));
      return fc.constantFrom(letter, letter.toUpperCase(), ...lookalikes);
    }),
  );
const around = fc.constantFrom(['', ''], ['Buy ', ' now'], ['(', ')'], ['so, ', '!!!'], ['„', '“.'], ['a ', ' b']);

describe('a word list', () => {
  it('finds a listed word in letters that look like its own', () => {
    fc.assert(
      fc.property(single.chain(dressed), around, (letters, [before, after]) => list.isIn(`${before}${letters.join('')}${after}`)),
      { numRuns: 2_000 },
    );
  });

  it('finds a listed word with what is not seen between its letters', () => {
    fc.assert(
      fc.property(single.chain(dressed), fc.array(fc.constantFrom(...UNSEEN), { minLength: 1, maxLength: 8 }), (letters, unseen) =>
        list.isIn(`well, ${letters.map((letter, n) => `${letter}${unseen[n % unseen.length]}`).join('')} it is`),
      ),
    );
  });

  it('finds a listed word whose letters are written apart', () => {
    const separator = fc.constantFrom(' ', '.', '-', '_', ' . ', '*', '   ', '/', '~', '·');
    fc.assert(
      fc.property(single.chain(dressed), separator, (letters, apart) =>
        // Alone they end sentences.
        list.isIn(`well, ${letters.map((letter) => letter.replace(/[!|]/, '1').replace('+', '7')).join(apart)} it is`),
      ),
    );
  });

  it('finds a listed word whose letters are drawn out', () => {
    const drawn = single.chain((word) =>
      fc.tuple(...[...word].map((letter) => fc.constantFrom(letter, letter.repeat(3), letter.repeat(9)))),
    );
    fc.assert(fc.property(drawn, (letters) => list.isIn(`you ${letters.join('')}!`)));
  });

  it('finds entries of several words, and words that may go on', () => {
    expect(['FREE money', 'fr33  m0ney!', 'get free, money'].map((text) => list.isIn(text))).toEqual([true, true, true]);
    expect(['spam', 'Spammers', 'sp@mming'].map((text) => list.isIn(text))).toEqual([true, true, true]);
    expect(['freemoney', 'free the money', 'antispam'].map((text) => list.isIn(text))).toEqual([false, false, false]);
  });

  it.each([
    ...[
      'Scunthorpe',
      'Penistone',
      'class',
      'assassin',
      'bass',
      'passage',
      'Essex',
      'cocktail',
      'peacock',
      'Hancock',
      'skill',
      'killer whale',
    ],
    ...['scamper', 'casinos are closed', 'the pen is mightier', 'as soon as possible', 'as s', 'Is it as simple as sin?', 'assess assets'],
    ...['idiotic', 'I do it', 'bit coin', 'Cook a can', 'A is 1, B is 2', '5 + 5 = 10', 'https://example.org/glass', 'vi agra'],
  ])('leaves %p alone', (text) => {
    expect(list.isIn(text)).toBe(false);
  });

  it('tells words apart that differ in a doubled letter', () => {
    const god = new WordList(['god', 'hel']);
    expect(['good', 'hell', 'god', 'goood', 'heel'].map((text) => god.isIn(text))).toEqual([false, false, true, true, false]);
  });

  it('finds nothing without words, and takes whatever is written', () => {
    expect(new WordList([]).isIn('anything')).toBe(false);
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 500 }), (text) => typeof list.isIn(text) === 'boolean'));
    const hostile = new WordList(['ill'.repeat(10), 'il'.repeat(15)]);
    expect(hostile.isIn(`${'1!|'.repeat(1_300)}x`)).toBe(false);
  });
});
