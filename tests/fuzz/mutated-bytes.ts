import type { GeneratorValue } from 'fast-check';
import * as fc from 'fast-check';

const MOST_CHANGES = 6;
/** Bytes that mean something to one of the readers: line ends, brackets, quotes, separators, the ends of the range. */
const TELLING = [0x00, 0x0a, 0x0d, 0x20, 0x22, 0x25, 0x2c, 0x3a, 0x5b, 0x5c, 0x7b, 0x7d, 0x7e, 0x7f, 0x80, 0x88, 0xc0, 0xff];

/** The same bytes with one to six of them changed, taken out, put in or doubled. */
export function mutated(bytes: Buffer, choose: GeneratorValue): Buffer {
  const changed = [...bytes];
  const below = (bound: number): number => choose(fc.nat, Math.max(0, bound - 1));
  const anyByte = (): number => (below(2) === 0 ? (TELLING[below(TELLING.length)] as number) : below(256));
  for (let left = 1 + below(MOST_CHANGES); left > 0; left -= 1) {
    const at = below(changed.length);
    const part = changed.slice(at, at + 1 + below(16));
    const changes = [
      () => changed.splice(at, 1, anyByte()),
      () => changed.splice(at, part.length),
      () => changed.splice(at, 0, anyByte()),
      () => changed.splice(at, 0, ...part),
    ];
    changes[below(changes.length)]?.();
  }
  return Buffer.from(changed);
}
