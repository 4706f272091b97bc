import { randomBytes } from 'node:crypto';

/**
 * 256 bits that nobody guesses, as 43 characters for URLs and headers. Stored as its `digest` alone, which may be fast and without salt:
 * there is nothing to guess in random bits.
 */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}
