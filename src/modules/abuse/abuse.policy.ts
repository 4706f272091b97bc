import type { PublicError } from '../../graphql/error-format';
import type { Visitor } from '../../graphql/gate';
import { RATE_RULES } from '../../graphql/rate-rules';
import type { RatedAction } from '../../graphql/rate-rules';

export enum BlockedKind {
  USER = 'USER',
  GUEST = 'GUEST',
  KEY = 'KEY',
  ADDRESS = 'ADDRESS',
}

/** Whom a block keeps out. An address stands for those alone that come from it without signing in. */
export interface Subject {
  readonly kind: BlockedKind;
  /** An id of ours, or the address. */
  readonly value: string;
}

export type Fault = Pick<PublicError['extensions'], 'code' | 'details'>;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** How long the first block lasts, the next, and so on; from the last on always the same. */
export const STEPS_MS: readonly number[] = [MINUTE_MS, 5 * MINUTE_MS, 30 * MINUTE_MS, 24 * HOUR_MS];
/** Many people may share an address, and none of them is to keep the others out for a day. */
export const ADDRESS_STEPS_MS: readonly number[] = STEPS_MS.slice(0, 3);
/** After so long without a block the next one is the first again. */
export const FORGOTTEN_AFTER_MS = 24 * HOUR_MS;

/** What speaks against somebody. */
export const STRIKE_CODES: readonly string[] = ['RATE_LIMITED', 'UNAUTHENTICATED', 'QUERY_TOO_COMPLEX'];

/** Who may be blocked for what the visitor does: what was used to come in, then who is behind it. */
export function subjectsOf({ viewer, address }: Visitor): readonly [Subject, ...Subject[]] {
  switch (viewer.kind) {
    case 'anonymous':
      return [{ kind: BlockedKind.ADDRESS, value: address }];
    case 'guest':
      return [{ kind: BlockedKind.GUEST, value: viewer.attendeeId }];
    case 'user': {
      const user = { kind: BlockedKind.USER, value: viewer.userId };
      return viewer.key === undefined ? [user] : [{ kind: BlockedKind.KEY, value: viewer.key.id }, user];
    }
  }
}

export function rateOf({ kind }: Subject): RatedAction & { readonly burst: number } {
  switch (kind) {
    case BlockedKind.USER:
      return RATE_RULES.user;
    case BlockedKind.GUEST:
      return RATE_RULES.guest;
    case BlockedKind.KEY:
      return RATE_RULES.key;
    case BlockedKind.ADDRESS:
      return RATE_RULES.anonymous;
  }
}

/**
 * Whether it speaks against this subject. A rate that many share speaks against none of them: or one guest could have everybody blocked who
 * sits behind the same address. A limit is of one connection or viewer, which nobody shares.
 */
export function isStrike({ kind }: Subject, { code, details }: Fault): boolean {
  if (!STRIKE_CODES.includes(code)) return false;
  if (code !== 'RATE_LIMITED' || details?.limit !== undefined) return true;
  return kind !== BlockedKind.ADDRESS && details?.rule !== RATE_RULES.address.name;
}

export function strikesAllowed({ kind }: Subject): RatedAction {
  return kind === BlockedKind.ADDRESS ? RATE_RULES.addressStrikes : RATE_RULES.strikes;
}

export function stepsOf({ kind }: Subject): readonly number[] {
  return kind === BlockedKind.ADDRESS ? ADDRESS_STEPS_MS : STEPS_MS;
}
