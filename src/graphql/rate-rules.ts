import type { RateRule } from '../realtime/rate-limiter';

/** A rule, and in words what it counts and for whom apart. */
export interface RatedAction extends RateRule {
  readonly counts: string;
  readonly per: string;
}

const MINUTE_MS = 60_000;

/**
 * Every rate of the server. The first five count the points of all operations, on every transport; the others count something dear by
 * itself, wherever it is asked for. docs/limits.md prints this table.
 */
export const RATE_RULES = {
  user: { name: 'user', points: 6_000, windowMs: MINUTE_MS, burst: 3_000, counts: 'points of operations', per: 'user' },
  guest: { name: 'guest', points: 3_000, windowMs: MINUTE_MS, burst: 2_000, counts: 'points of operations', per: 'guest' },
  key: { name: 'key', points: 12_000, windowMs: MINUTE_MS, burst: 4_000, counts: 'points of operations', per: 'API key' },
  anonymous: {
    name: 'anonymous',
    points: 12_000,
    windowMs: MINUTE_MS,
    burst: 6_000,
    counts: 'points of operations that nobody has signed in for',
    per: 'address',
  },
  address: { name: 'address', points: 120_000, windowMs: MINUTE_MS, burst: 30_000, counts: 'points of all operations', per: 'address' },
  login: { name: 'login', points: 10, windowMs: 15 * MINUTE_MS, counts: 'attempts to sign in', per: 'e-mail address' },
  // Many people share the address of an office: it bounds spraying over accounts, not one person.
  loginAddress: { name: 'loginAddress', points: 100, windowMs: 15 * MINUTE_MS, counts: 'attempts to sign in', per: 'address' },
  register: { name: 'register', points: 100, windowMs: 60 * MINUTE_MS, counts: 'attempts to make an account', per: 'address' },
  signInFlow: { name: 'signInFlow', points: 200, windowMs: 15 * MINUTE_MS, counts: 'ways to a provider that begin', per: 'address' },
  signInCode: { name: 'signInCode', points: 200, windowMs: 15 * MINUTE_MS, counts: 'sign-in codes that are exchanged', per: 'address' },
  joinCode: { name: 'joinCode', points: 60, windowMs: 10 * MINUTE_MS, burst: 60, counts: 'join codes that nobody has', per: 'address' },
  message: { name: 'message', points: 100, windowMs: MINUTE_MS, counts: 'messages', per: 'sender and channel' },
  reaction: { name: 'reaction', points: 120, windowMs: MINUTE_MS, counts: 'reactions', per: 'sender and channel' },
  sessionReaction: { name: 'sessionReaction', points: 60, windowMs: 10_000, counts: 'reactions in a session', per: 'sender and session' },
  signal: { name: 'signal', points: 50, windowMs: 1_000, counts: 'signals', per: 'sender and receiver' },
  notice: {
    name: 'notice',
    points: 1_000,
    windowMs: MINUTE_MS,
    counts: 'recipients of notices that applications publish',
    per: 'organization',
  },
  signals: { name: 'signals', points: 300, windowMs: 1_000, counts: 'signals that are sent many at once', per: 'sender' },
  quality: { name: 'quality', points: 1_200, windowMs: MINUTE_MS, counts: 'reports of a connection', per: 'reporter' },
  call: { name: 'call', points: 30, windowMs: MINUTE_MS, counts: 'calls that are made', per: 'caller' },
  strikes: { name: 'strikes', points: 60, windowMs: MINUTE_MS, counts: 'strikes', per: 'user, guest or API key' },
  addressStrikes: { name: 'addressStrikes', points: 600, windowMs: MINUTE_MS, counts: 'strikes of who has not signed in', per: 'address' },
} as const satisfies Readonly<Record<string, RatedAction>>;
