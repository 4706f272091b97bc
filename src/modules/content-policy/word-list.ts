import { reads, wordsOf } from './folding';

/** More letters than this have no part in telling a word. */
const MOST_LETTERS = 30;

/** One word of an entry. With `open` it may go on: `spam*` is also `spammer`. */
interface Pattern {
  readonly letters: readonly string[];
  readonly open: boolean;
}

/**
 * The words that an organization does not want to see, ready to be looked for. Whole words are found, however they are dressed up, never
 * parts of other words: `ass` is in no class. An entry of several words is found where they follow each other.
 */
export class WordList {
  private readonly byFirstLetter = new Map<string, Pattern[][]>();

  constructor(entries: readonly string[]) {
    for (const entry of entries) {
      const open = entry.trim().endsWith('*');
      const { words } = wordsOf(entry);
      const patterns = words.map((word, index) => ({
        letters: [...word].slice(0, MOST_LETTERS),
        open: open && index === words.length - 1,
      }));
      for (const first of startsOf(patterns[0]?.letters[0])) {
        this.byFirstLetter.set(first, [...(this.byFirstLetter.get(first) ?? []), patterns]);
      }
    }
  }

  isIn(text: string): boolean {
    if (this.byFirstLetter.size === 0) return false;
    const { words, spelled } = wordsOf(text);
    return words.some((_, index) => this.startsAt(words, index)) || spelled.some((run) => this.isSpelledIn(run));
  }

  private startsAt(words: readonly string[], index: number): boolean {
    return this.candidates(words[index]).some((patterns) =>
      patterns.every((pattern, offset) => spells(words[index + offset] ?? '', pattern)),
    );
  }

  /** Where letters are written apart nothing tells where a word begins or ends. */
  private isSpelledIn(run: string): boolean {
    const signs = [...run];
    return signs.some((sign, start) =>
      this.candidates(sign).some(
        ([pattern, ...more]) =>
          pattern !== undefined &&
          more.length === 0 &&
          pattern.letters.length >= 3 &&
          spells(signs.slice(start).join(''), { ...pattern, open: true }),
      ),
    );
  }

  private candidates(word: string | undefined): readonly Pattern[][] {
    return this.byFirstLetter.get([...(word ?? '')][0] ?? '') ?? [];
  }
}

/** As what the first letter of a word may be written. */
function startsOf(letter: string | undefined): string[] {
  if (letter === undefined) return [];
  return letter === 'i' || letter === 'l' ? [letter, '1'] : [letter];
}

/**
 * Whether the word is these letters. What is written three times or more in a row may be meant once (`baaad`); twice is another word
 * (`god`, `good`). Follows all readings at once, a bit for each number of letters that may have been read: so it takes one look at each
 * sign, whatever is written.
 */
function spells(word: string, { letters, open }: Pattern): boolean {
  const whole = 1 << letters.length;
  const signs = [...word];
  let readings = 1;
  for (const [index, sign] of signs.entries()) {
    const drawnOut = isDrawnOut(signs, index);
    let next = 0;
    for (let count = 0; count <= letters.length; count += 1) {
      if ((readings & (1 << count)) === 0) continue;
      if (count < letters.length && reads(sign, letters[count] ?? '')) next |= 1 << (count + 1);
      if (drawnOut && count > 0 && reads(sign, letters[count - 1] ?? '')) next |= 1 << count;
    }
    readings = next;
    if (readings === 0) return false;
    if (open && (readings & whole) !== 0) return true;
  }
  return (readings & whole) !== 0;
}

/** Whether it stands among three or more of its kind. */
function isDrawnOut(signs: readonly string[], index: number): boolean {
  const same = (offset: number): boolean => signs[index + offset] === signs[index];
  return (same(-1) && same(1)) || (same(1) && same(2)) || (same(-1) && same(-2));
}
