/**
 * How we end connections. graphql-ws clients come back by themselves after 1012, 1013, 4403 and 4408, and give up after 1008, 4400, 4401,
 * 4406, 4409, 4429 and 4500: so whatever another try, or a fresh token, can cure must be one of the former.
 */
export const CLOSE = {
  tooManyFrames: [1008, 'Too many frames'],
  restarting: [1012, 'Service restart'],
  tooSlow: [1013, 'Too slow'],
  tooMany: [1013, 'Too many connections'],
  tooManyOperations: [1013, 'Too many operations'],
  blocked: [1013, 'Blocked'],
  unavailable: [1013, 'Try again later'],
  unfinished: [1013, 'Unfinished message'],
  badRequest: [4400, 'Bad request'],
  forbidden: [4403, 'Forbidden'],
  expired: [4403, 'Token expired'],
  revoked: [4403, 'Access ended'],
  notGreeted: [4408, 'Connection initialisation timeout'],
  failed: [4500, 'Internal server error'],
} as const satisfies Record<string, readonly [code: number, reason: string]>;

export type Closing = keyof typeof CLOSE;

/** What ended a connection, for counting: we did, graphql-ws did, `ws` did because of a frame, or the peer or the network. */
export type EndCause = Closing | 'protocol' | 'frame' | 'peer';

const FRAME_CODES: Readonly<Record<string, number>> = {
  WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH: 1009,
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 1009,
  WS_ERR_TOO_MANY_BUFFERED_PARTS: 1008,
  WS_ERR_INVALID_UTF8: 1007,
};
const BROKEN_FRAME = 1002;

/** The code with which `ws` itself has closed because of a frame; null when it has not. */
export function frameCode({ code = '' }: NodeJS.ErrnoException): number | null {
  return code.startsWith('WS_ERR_') ? (FRAME_CODES[code] ?? BROKEN_FRAME) : null;
}
