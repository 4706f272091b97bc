import { part } from './part';

interface Signal {
  readonly from: string;
  readonly to: string | null;
  readonly type: string;
  readonly payload: unknown;
}

interface SignalReceived {
  readonly cursor: string;
  readonly signal: Signal;
}

const SIGNAL = 'cursor signal { from to type payload sentAt }';

/** What was sent to this attendee. An inbox has no state but its signals since the client began. */
export const inbox = part<
  readonly SignalReceived[],
  { readonly signals: readonly (SignalReceived | { readonly cursor: undefined })[] },
  { SignalReceived: SignalReceived }
>({
  name: 'inbox',
  of: 'inbox',
  selection: `signals(sessionId: $id, after: $after, first: 100) { ... on SignalReceived { ${SIGNAL} } }`,
  read: (found) => found.signals.filter((item): item is SignalReceived => item.cursor !== undefined),
  events: { SignalReceived: SIGNAL },
  on: { SignalReceived: (list, { cursor, signal }) => [...list, { cursor, signal }] },
});
