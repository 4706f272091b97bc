import type { JsonWebKey, KeyObject } from 'node:crypto';
import { createHash, createPublicKey } from 'node:crypto';
import type { JwtKeys } from '../../config/config';
import type { JwtKey } from '../../config/jwt-keys';

/** A public key as others read it (RFC 7517). */
export type PublicJwk = JsonWebKey & { readonly kid: string; readonly alg: string; readonly use: 'sig' };

export interface RingKey {
  /** Made from the key itself, so that every instance gives it the same name. */
  readonly kid: string;
  readonly algorithm: JwtKey['algorithm'];
  /** What signs: only the first one's is asked for. */
  readonly signingKey: KeyObject;
  readonly checkingKey: KeyObject;
}

/** The keys of tokens: the first signs, all check. A token names its key, and a name that is not in here is no key. */
export class KeyRing {
  readonly signing: RingKey;
  private readonly byId: ReadonlyMap<string, RingKey>;

  constructor([first, ...others]: JwtKeys) {
    this.signing = ringKey(first);
    this.byId = new Map([this.signing, ...others.map(ringKey)].map((key) => [key.kid, key]));
  }

  find(kid: unknown): RingKey | null {
    return (typeof kid === 'string' && this.byId.get(kid)) || null;
  }

  /** Of secrets nothing is public. */
  publicKeys(): PublicJwk[] {
    return [...this.byId.values()]
      .filter(({ checkingKey }) => checkingKey.type === 'public')
      .map(({ kid, algorithm, checkingKey }) => ({ ...checkingKey.export({ format: 'jwk' }), kid, alg: algorithm, use: 'sig' }));
  }
}

function ringKey({ algorithm, key }: JwtKey): RingKey {
  const checkingKey = key.type === 'private' ? createPublicKey(key) : key;
  return { kid: algorithm === 'HS256' ? secretId(key) : thumbprint(checkingKey), algorithm, signingKey: key, checkingKey };
}

/** RFC 7638. */
function thumbprint(key: KeyObject): string {
  const { crv, e, kty, n, x, y } = key.export({ format: 'jwk' });
  return digest(JSON.stringify(kty === 'RSA' ? { e, kty, n } : { crv, kty, x, y }));
}

/** Tells no more of a secret than each signature made with it. */
function secretId(key: KeyObject): string {
  return digest(`parley-jwt-secret:${key.export().toString('base64')}`).slice(0, 16);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
