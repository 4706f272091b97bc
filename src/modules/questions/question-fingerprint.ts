import { digest } from '../../lib/digest';

/** Format characters, such as zero-width spaces and joiners: taken out, not read as a space, for words may be broken by them. */
const INVISIBLE = /\p{Cf}/gu;

/** Between and around words: everything that is neither a letter, a mark on one, nor a digit. */
const BETWEEN_WORDS = /[^\p{L}\p{M}\p{N}]+/gu;

/**
 * The same for texts that ask the same in other dress: upper and lower case, spaces, punctuation, invisible characters, and letters that are
 * written in several ways (full width, ligatures, composed or not). Digits and words count as they are. A text without any is its own.
 *
 * Linear in the length of the text, which is capped where it comes in.
 */
export function fingerprintOf(text: string): string {
  const words = text.normalize('NFKC').toLowerCase().replace(INVISIBLE, '').replace(BETWEEN_WORDS, ' ').trim();
  return digest(words === '' ? text : words);
}
