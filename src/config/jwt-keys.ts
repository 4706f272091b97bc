import type { KeyObject } from 'node:crypto';
import { createPrivateKey, createPublicKey, createSecretKey } from 'node:crypto';

/** A key and the one algorithm it is for: a token of another algorithm is never checked with it. */
export interface JwtKey {
  readonly algorithm: 'HS256' | 'RS256' | 'ES256';
  /** Secret or private; public for a key that only checks any more. */
  readonly key: KeyObject;
}

const MIN_RSA_BITS = 2_048;
const BLOCK = /-----BEGIN ([A-Z ]+)-----[\s\S]+?-----END \1-----/g;

export function secretJwtKey(secret: string): JwtKey {
  return { algorithm: 'HS256', key: createSecretKey(secret, 'utf8') };
}

/** The keys of the PEM blocks in a text, in order. Throws an `Error` that says what the text does wrong, and shows nothing of it. */
export function pemJwtKeys(text: string): JwtKey[] {
  const blocks = text.match(BLOCK) ?? [];
  if (blocks.length === 0 || text.replace(BLOCK, '').trim() !== '') throw new Error('does not hold PEM blocks and nothing else');
  return blocks.map(pemJwtKey);
}

function pemJwtKey(block: string): JwtKey {
  const key = readKey(block);
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key ?? {};
  if (key === null) throw new Error('holds no unencrypted key');
  if (type === 'rsa' && (details?.modulusLength ?? 0) >= MIN_RSA_BITS) return { algorithm: 'RS256', key };
  if (type === 'ec' && details?.namedCurve === 'prime256v1') return { algorithm: 'ES256', key };
  throw new Error(`holds another key than RSA of at least ${MIN_RSA_BITS} bits, or EC on P-256`);
}

function readKey(block: string): KeyObject | null {
  try {
    return block.includes('PRIVATE KEY') ? createPrivateKey(block) : createPublicKey(block);
  } catch {
    return null;
  }
}
