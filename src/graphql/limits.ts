import type { ErrorCode } from '../errors/domain-error';
import { DomainError } from '../errors/domain-error';

type LimitCode = Extract<ErrorCode, 'QUERY_TOO_COMPLEX' | 'PAYLOAD_TOO_LARGE' | 'RATE_LIMITED' | 'UNAVAILABLE'>;

/** One bound on what a caller may send or hold open. */
export interface Limit {
  readonly default: number;
  readonly unit: 'count' | 'bytes' | 'milliseconds' | 'per second';
  /** What it bounds, for people. */
  readonly bounds: string;
  /** What happens beyond it: an error code, an HTTP status, or the close code of a socket. */
  readonly answer: LimitCode | `close ${number}` | `HTTP ${number}` | 'cut off';
}

const KIB = 1024;

/** Every limit of the transports and the pipeline. docs/limits.md and `/readyz?verbose` print this table. */
export const LIMITS = Object.freeze({
  depth: limit(12, 'count', 'levels of nested fields in an operation, introspection apart', 'QUERY_TOO_COMPLEX'),
  introspectionDepth: limit(16, 'count', 'levels of nested fields of `__schema` and `__type`', 'QUERY_TOO_COMPLEX'),
  aliases: limit(30, 'count', 'aliases in an operation, `__typename` included', 'QUERY_TOO_COMPLEX'),
  rootFields: limit(20, 'count', 'fields at the root of an operation', 'QUERY_TOO_COMPLEX'),
  directives: limit(20, 'count', 'directives in an operation', 'QUERY_TOO_COMPLEX'),
  fragments: limit(50, 'count', 'fragments in a document', 'QUERY_TOO_COMPLEX'),
  tokens: limit(2_000, 'count', 'tokens in a document', 'QUERY_TOO_COMPLEX'),
  fields: limit(500, 'count', 'fields in an operation, fragments written out', 'QUERY_TOO_COMPLEX'),
  fieldRepeats: limit(50, 'count', 'times one field name stands in one selection, fragments written out', 'QUERY_TOO_COMPLEX'),
  cost: limit(1_000, 'count', 'points that an operation costs, page sizes multiplied', 'QUERY_TOO_COMPLEX'),
  inputDepth: limit(10, 'count', 'levels of nested lists and objects in a variable or a literal', 'QUERY_TOO_COMPLEX'),
  documentBytes: limit(64 * KIB, 'bytes', 'a document', 'PAYLOAD_TOO_LARGE'),
  variablesBytes: limit(100 * KIB, 'bytes', 'the variables of an operation', 'PAYLOAD_TOO_LARGE'),
  httpBodyBytes: limit(170 * KIB, 'bytes', 'an HTTP request body', 'PAYLOAD_TOO_LARGE'),
  httpHeaderBytes: limit(8 * KIB, 'bytes', 'the headers of an HTTP request, its address included', 'HTTP 431'),
  httpHeadersMs: limit(10_000, 'milliseconds', 'the wait for the headers of an HTTP request', 'HTTP 408'),
  httpRequestMs: limit(30_000, 'milliseconds', 'the wait for an HTTP request as a whole', 'HTTP 408'),
  httpSilenceMs: limit(30_000, 'milliseconds', 'how long the peer of an HTTP answer may take nothing of it', 'cut off'),
  frameBytes: limit(64 * KIB, 'bytes', 'a WebSocket message', 'close 1009'),
  messageFragments: limit(256, 'count', 'fragments of a WebSocket message', 'close 1008'),
  messageChunks: limit(1_024, 'count', 'network reads that one fragment of a WebSocket message comes in', 'close 1008'),
  messageMs: limit(10_000, 'milliseconds', 'the wait for the rest of a WebSocket message', 'close 1013'),
  framesPerSecond: limit(100, 'per second', 'pings, pongs and messages that start no operation, in the long run', 'close 1008'),
  framesBurst: limit(500, 'count', 'pings, pongs and messages that start no operation, at once', 'close 1008'),
  subscriptionsPerSocket: limit(50, 'count', 'operations open at once on a socket or an event stream', 'RATE_LIMITED'),
  operationsPerSecond: limit(20, 'per second', 'operations started on a socket or an event stream, in the long run', 'RATE_LIMITED'),
  operationsBurst: limit(60, 'count', 'operations started at once on a socket or an event stream', 'RATE_LIMITED'),
  operationsRefused: limit(200, 'count', 'operations refused on a socket, beyond as many more a second as are allowed', 'close 1013'),
  subscriptionsPerViewer: limit(200, 'count', 'subscriptions of one user or guest open on an instance', 'RATE_LIMITED'),
  sockets: limit(20_000, 'count', 'sockets and event streams of an instance', 'HTTP 503'),
  socketsPerViewer: limit(10, 'count', 'sockets and event streams of one user or guest on an instance', 'close 1013'),
  anonymousSocketsPerAddress: limit(20, 'count', 'sockets and event streams of one address that nobody has signed in on', 'close 1013'),
  connectionInitMs: limit(3_000, 'milliseconds', 'the wait for `connection_init`', 'close 4408'),
  unsentBytes: limit(1_000_000, 'bytes', 'what a socket or an event stream may leave unread for longer than `stallMs`', 'close 1013'),
  unsentEvents: limit(1_000, 'count', 'events of shared subscriptions that a socket or an event stream may leave unread', 'close 1013'),
  silenceMs: limit(
    12_000,
    'milliseconds',
    'how long a socket may be silent before it is asked for a sign of life, and again before it is given up',
    'cut off',
  ),
  stallMs: limit(3_000, 'milliseconds', 'how long a socket or an event stream may leave more than `unsentBytes` unread', 'close 1013'),
  requestMs: limit(10_000, 'milliseconds', 'a query, a mutation, the opening of a subscription, one event of it', 'UNAVAILABLE'),
  errorsPerAnswer: limit(10, 'count', 'errors in one answer', 'cut off'),
});

export type LimitName = keyof typeof LIMITS;
export type Limits = Readonly<Record<LimitName, number>>;

export const DEFAULT_LIMITS: Limits = Object.freeze(
  Object.fromEntries(Object.entries(LIMITS).map(([name, { default: value }]) => [name, value])) as Record<LimitName, number>,
);

/** The limits that answer with an error of ours rather than with a closed connection. */
export type AnsweredLimit = { [Name in LimitName]: (typeof LIMITS)[Name]['answer'] extends LimitCode ? Name : never }[LimitName];

/** `details.limit` names the limit, `details.max` its value. */
export function overLimit(name: AnsweredLimit, max: number, details: Readonly<Record<string, unknown>> = {}): DomainError {
  const { answer, bounds } = LIMITS[name];
  return new DomainError(answer, {
    message: `Over the limit of ${max}: ${bounds}.`,
    reason: 'LIMIT_EXCEEDED',
    details: { limit: name, max, ...details },
  });
}

function limit<Answer extends Limit['answer']>(
  value: number,
  unit: Limit['unit'],
  bounds: string,
  answer: Answer,
): Limit & { readonly answer: Answer } {
  return Object.freeze({ default: value, unit, bounds, answer });
}
