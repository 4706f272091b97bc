import { createHash } from 'node:crypto';

/** SHA-256 of a text, in hex: to know it again without keeping it. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
