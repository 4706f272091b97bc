/** What is not seen: combining marks, zero-width characters and other formats, variation selectors. */
const UNSEEN = /[\p{M}\p{Cf}\u115F\u1160\u3164\uFFA0]/gu;

/** Letters of other scripts that look like Latin ones, by what they look like. Compatibility forms (full width, mathematical) fold by themselves. */
const LOOKALIKES: Readonly<Record<string, string>> = {
  a: 'аαɑᴀ',
  b: 'вьβʙ',
  c: 'сϲᴄ',
  d: 'ԁđᴅ',
  e: 'еεєᴇ',
  g: 'ɡɢ',
  h: 'нһħʜ',
  i: 'іιıɪ',
  j: 'јᴊ',
  k: 'кκᴋ',
  l: 'ӏłʟ',
  m: 'мᴍ',
  n: 'пηɴ',
  o: 'оοσøᴏ',
  p: 'рρᴘ',
  q: 'ԛ',
  r: 'гʀ',
  s: 'ѕꜱ',
  t: 'тτŧᴛ',
  u: 'υᴜ',
  v: 'ѵνᴠ',
  w: 'ԝшωᴡ',
  x: 'хχ',
  y: 'уγʏ',
  z: 'ζᴢ',
};

/** Digits and signs that stand for letters; what may be one of two keeps a sign of its own. */
const SIGNS: Readonly<Record<string, string>> = { a: '4@', b: '8', e: '3€', g: '69', o: '0', s: '5$', t: '7+', '1': '1!|' };

const FOLDS = new Map(
  [LOOKALIKES, SIGNS].flatMap((table) => Object.entries(table).flatMap(([letter, others]) => [...others].map((other) => [other, letter]))),
);

const SIGN = '1!|4@83€6905$7+';
const BETWEEN = new RegExp(`[^\\p{L}\\p{N}${SIGN.replace(/[|$+]/g, '\\$&')}]+`, 'u');
/** Ends of sentences, which are not read as letters. */
const AROUND = /^[!|+]+|[!|+]+$/g;

/**
 * The words of a text as they are meant to be read: without accents and what is not seen, in lower case, letters in place of what looks
 * like them. Letters that are written apart, three or more, are one word, after those that were there.
 *
 * Linear in the length of the text, which is capped where it comes in.
 */
export function wordsOf(text: string): { readonly words: readonly string[]; readonly spelled: readonly string[] } {
  const plain = text.normalize('NFKD').replace(UNSEEN, '').toLowerCase().normalize('NFKD').replace(UNSEEN, '');
  const words = plain
    .split(BETWEEN)
    .map((word) => word.replace(AROUND, ''))
    .filter((word) => word !== '')
    .map(folded);
  return { words, spelled: spelledOut(words) };
}

/** Whether a sign may be read as this letter. */
export function reads(sign: string, letter: string): boolean {
  return sign === letter || (sign === '1' && (letter === 'i' || letter === 'l'));
}

function folded(word: string): string {
  return [...word].map((sign) => FOLDS.get(sign) ?? sign).join('');
}

function spelledOut(words: readonly string[]): string[] {
  const runs: string[] = [];
  let run = '';
  for (const word of [...words, '  ']) {
    if ([...word].length === 1) run += word;
    else {
      if (run.length >= 3) runs.push(run);
      run = '';
    }
  }
  return runs;
}
