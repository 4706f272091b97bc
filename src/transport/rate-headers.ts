import type { Answer } from '../graphql/pipeline';
import type { Allowance } from '../graphql/gate';

type Headers = Readonly<Record<string, string>>;

/** The fields of the IETF's draft "RateLimit header fields for HTTP": what the rule is, and where the caller stands with it. */
export function rateHeaders(allowance: Allowance | null): Headers {
  if (allowance === null) return {};
  const { rule, points, windowMs, remaining, resetMs } = allowance;
  return {
    'ratelimit-policy': `"${rule}";q=${points};w=${Math.ceil(windowMs / 1_000)}`,
    ratelimit: `"${rule}";r=${remaining};t=${Math.ceil(resetMs / 1_000)}`,
  };
}

/** When to come back after an operation that was refused as a whole. */
export function retryHeaders(answer: Answer): Headers {
  if (answer.kind !== 'refused' || (answer.code !== 'RATE_LIMITED' && answer.code !== 'UNAVAILABLE')) return {};
  return { 'retry-after': String(retryAfterSeconds(answer.payload.errors[0]?.extensions.retryAfterMs)) };
}

export function retryAfterSeconds(retryAfterMs = 1_000): number {
  return Math.max(1, Math.ceil(retryAfterMs / 1_000));
}
