import { randomFillSync } from 'node:crypto';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const BODY_LENGTH = 26;
const TIME_LENGTH = 10;

/** One kind of identifier: `usr_01jd…`. The prefix tells the type, so an id of another type is never mistaken for ours. */
export interface IdKind {
  readonly prefix: string;
  /** A new id: 48 bits of milliseconds, then 80 random bits, in Crockford's base32 (the ULID layout, lower case). */
  create(): string;
  /** Whether `id` has this kind's exact form. Says nothing of whether the thing exists. */
  is(id: string): boolean;
}

export function idKind(prefix: string): IdKind {
  const form = new RegExp(`^${prefix}_[${ALPHABET}]{${BODY_LENGTH}}$`);
  return {
    prefix,
    create: () => `${prefix}_${ulid(Date.now())}`,
    is: (id) => form.test(id),
  };
}

/** The prefix of an id, or null when it has none of our forms. */
export function prefixOf(id: string): string | null {
  return /^([a-z]+)_[0-9a-z]{26}$/.exec(id)?.[1] ?? null;
}

function ulid(milliseconds: number): string {
  let text = '';
  for (let place = TIME_LENGTH, rest = milliseconds; place > 0; place -= 1, rest = Math.floor(rest / 32))
    text = ALPHABET.charAt(rest % 32) + text;
  for (let place = TIME_LENGTH; place < BODY_LENGTH; place += 1) text += ALPHABET.charAt(randomByte() % 32);
  return text;
}

/** Drawn many at a time: to ask for ten costs as much as for thousands. */
const drawn = new Uint8Array(4_096);
let used = drawn.length;

function randomByte(): number {
  if (used === drawn.length) {
    randomFillSync(drawn);
    used = 0;
  }
  return drawn[used++] as number;
}
