/** What a device calls itself: drawn by the client, the same for as long as its page lives. It proves nothing. */
export const PEER_ID = /^[A-Za-z0-9_-]{1,64}$/;

export const IN_BOUNDS = { message: 'must be 1 to 64 of letters, digits, - and _' };
