import { createHash, randomBytes } from 'node:crypto';

/** 256 bits that nobody guesses, as 43 characters for URLs and headers. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** What is stored of a secret. Fast, and without salt: there is nothing to guess in 256 random bits. */
export function digest(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
