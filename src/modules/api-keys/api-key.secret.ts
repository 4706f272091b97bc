import { digest } from '../../lib/digest';
import { idKind } from '../../lib/ids';
import { newSecret } from '../../lib/secret';

export const apiKeyIds = idKind('key');

/** `pk_<26 of the id>_<43 of the secret>`: looked up by the id, proved by the secret, found by whoever searches for leaked keys. */
const FORM = /^pk_([0-9a-z]{26})_([\w-]{43})$/;

export interface KeyText {
  readonly id: string;
  readonly secretHash: string;
}

/** A new secret for the key of this id: the text to give out, once, and what is stored. */
export function createKeyText(id: string): { readonly text: string; readonly secretHash: string } {
  const secret = newSecret();
  return { text: `pk_${id.slice(id.indexOf('_') + 1)}_${secret}`, secretHash: digest(secret) };
}

/** Null for what has not the form of a key. */
export function parseKeyText(text: string): KeyText | null {
  const [, body, secret] = FORM.exec(text) ?? [];
  return body === undefined || secret === undefined ? null : { id: `${apiKeyIds.prefix}_${body}`, secretHash: digest(secret) };
}
