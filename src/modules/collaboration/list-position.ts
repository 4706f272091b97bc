/** In the order of their bytes, which is that of the column. */
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const BASE = DIGITS.length;

/** Longer ones come of many moves into one gap: then the list is spread out anew. */
export const LONGEST_POSITION = 64;

/**
 * A place between two others, each a fraction written without its "0.": null is the end on that side. At an end it goes one step on, so that
 * lists that grow there have short places; between two it goes to the middle. Never ends in 0, so there is always a place before it.
 */
export function positionBetween(before: string | null, after: string | null): string {
  if (before !== null && after === null) return stepAfter(before);
  if (before === null && after !== null) return stepBefore(after);
  return middle(before ?? '', after);
}

/** As many places, evenly apart. */
export function positionsOf(count: number): string[] {
  const width = Math.max(1, Math.ceil(Math.log((count + 1) * 2) / Math.log(BASE)));
  const step = BASE ** width / (count + 1);
  return Array.from({ length: count }, (_, index) => written(Math.round((index + 1) * step), width));
}

function stepAfter(position: string): string {
  const last = valueOf(position.slice(-1));
  return last === BASE - 1 ? position + digitOf(1) : position.slice(0, -1) + digitOf(last + 1);
}

function stepBefore(position: string): string {
  const last = valueOf(position.slice(-1));
  return position.slice(0, -1) + (last === 1 ? digitOf(0) + digitOf(BASE - 1) : digitOf(last - 1));
}

function middle(before: string, after: string | null): string {
  const low = valueOf(before.charAt(0));
  const high = after === null ? BASE : valueOf(after.charAt(0));
  if (low === high) return digitOf(low) + middle(before.slice(1), after === null ? null : after.slice(1));
  const half = Math.floor((low + high) / 2);
  return half > low ? digitOf(half) : digitOf(low) + middle(before.slice(1), null);
}

function written(value: number, width: number): string {
  let text = '';
  for (let place = 0, rest = value; place < width; place += 1, rest = Math.floor(rest / BASE)) text = digitOf(rest % BASE) + text;
  return text.replace(/0+$/, '');
}

function digitOf(value: number): string {
  return DIGITS.charAt(value);
}

/** Beyond its end a fraction has zeros. */
function valueOf(digit: string): number {
  return digit === '' ? 0 : DIGITS.indexOf(digit);
}
