import { randomInt } from 'node:crypto';

/** No 0/O, 1/I/L, U/V: what is read aloud or from a screen far away comes out the same. 30^8 codes are too many to try. */
const ALPHABET = 'ABCDEFGHJKMNPQRSTVWXYZ23456789';
const LENGTH = 8;
const FORM = new RegExp(`^[${ALPHABET}]{${LENGTH}}$`);
const MAX_TYPED_LENGTH = 32;

export function createJoinCode(): string {
  return Array.from({ length: LENGTH }, () => ALPHABET.charAt(randomInt(ALPHABET.length))).join('');
}

/** The code meant by what was typed (`abcd-efgh`, `ABCD EFGH`), or null when it cannot be one. */
export function parseJoinCode(typed: string): string | null {
  if (typed.length > MAX_TYPED_LENGTH) return null;
  const code = typed.replace(/[\s-]/g, '').toUpperCase();
  return FORM.test(code) ? code : null;
}
