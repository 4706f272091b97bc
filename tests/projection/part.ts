/** What a client opens a subscription of. */
export type Topic = 'session' | 'channel' | 'inbox' | 'collaboration';

/** Whose client it is. */
export interface Holder {
  /** By which messages name who wrote them. */
  readonly participantId: string;
}

/** What an event does to a state that cannot be told by it: the client reads anew. Only for what a new standing of its own opens to it. */
export const READ_ANEW = Symbol('read anew');

/** How the events came: a tally is state and has no polling twin. */
export type Way = 'live' | 'polled';

/** One thing that a client holds: read by a query, and from then on made by events. */
export interface Part<State = unknown> {
  readonly name: string;
  readonly of: Topic;
  /** Selected on the topic's object, `session(id: $id)` (of its lists too) or `channel(id: $id)`; on the root for an inbox. */
  readonly selection: string;
  readonly read: (found: never) => State;
  /** The fields of each type of event that the handlers read. */
  readonly events: Readonly<Record<string, string>>;
  readonly on: Readonly<Record<string, (state: State, event: never, holder: Holder) => State | typeof READ_ANEW>>;
  /** What of the state is to be seen, and by events that came this way is exact. */
  readonly shown: (state: State, way: Way) => unknown;
}

interface PartOf<State, Found, Events> {
  readonly name: string;
  readonly of: Topic;
  readonly selection: string;
  readonly read: (found: Found) => State;
  readonly events: { readonly [Type in keyof Events]: string };
  readonly on: { readonly [Type in keyof Events]: (state: State, event: Events[Type], holder: Holder) => State | typeof READ_ANEW };
  readonly shown?: (state: State, way: Way) => unknown;
}

/** Typed where it is written, untyped where all parts are treated alike. */
export function part<State, Found, Events>(definition: PartOf<State, Found, Events>): Part {
  return { shown: (state: unknown) => state, ...definition } as unknown as Part;
}
