import { badInput } from '../../errors/domain-error';
import type { Json } from '../../realtime/event';

export const MAX_METADATA_BYTES = 16_384;
export const MAX_METADATA_DEPTH = 8;

/** An object of at most 16 kB as JSON, and at most eight levels. Throws BAD_USER_INPUT. */
export function requireMetadata(value: unknown): Json {
  if (!isObject(value)) throw badInput('metadata', 'must be an object');
  if (depthOf(value) > MAX_METADATA_DEPTH) throw badInput('metadata', `must have at most ${MAX_METADATA_DEPTH} levels`);
  if (Buffer.byteLength(JSON.stringify(value)) > MAX_METADATA_BYTES) throw badInput('metadata', 'must have at most 16384 bytes as JSON');
  return value as Json;
}

/** What a client gives is bounded in depth before it comes here. */
function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Object.values(value).reduce<number>((deepest, item) => Math.max(deepest, depthOf(item)), 0);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
