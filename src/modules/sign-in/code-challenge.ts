import { createHash } from 'node:crypto';

/** S256 of RFC 7636: whether `verifier` is what `challenge` was made of. */
export function answersChallenge(challenge: string, verifier: string): boolean {
  return createHash('sha256').update(verifier).digest('base64url') === challenge;
}
