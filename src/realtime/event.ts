/** The name of an ordered log, `kind:id`, e.g. `session:ses_…`. The kernel reads only the kind, for retention. */
export type StreamId = `${string}:${string}`;

/**
 * A place in one stream. Offsets start at 1 and have no gaps. The epoch is drawn at random when a stream is born, so a position
 * from another stream, or from before a loss of the log, is recognised instead of being misread.
 */
export interface Position {
  readonly epoch: string;
  readonly offset: number;
}

/** Anything that JSON can carry. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** An event about to be recorded. */
export interface NewEvent {
  readonly type: string;
  readonly version: number;
  readonly payload: Json;
}

/** A recorded event, exactly as the log holds it, whether it came by way of the log or straight from the commit. */
export interface StreamEvent extends NewEvent, Position {
  readonly stream: StreamId;
  /** Database time of the recording transaction. */
  readonly at: Date;
}

/** What a subscription yields: first its place, then the events after it. */
export type StreamItem =
  | { readonly kind: 'opened'; readonly position: Position; readonly at: Date; readonly recovered: boolean }
  | { readonly kind: 'event'; readonly event: StreamEvent };

/** One kind of event: the only way to write its payload and to read it back. */
export interface EventKind<Payload> {
  readonly type: string;
  record(payload: Payload): NewEvent;
  is(event: StreamEvent): boolean;
  /** Decodes once per event, however many subscribers read it. */
  read(event: StreamEvent): Payload;
}

const ERASING = new Set<string>();

/** Whether earlier events of the stream were rewritten together with this one: copies in memory are out of date. */
export function erasesPast({ type }: StreamEvent): boolean {
  return ERASING.has(type);
}

/**
 * Declares an event kind. `dates` names the payload's Date fields (dotted for nested ones: `question.createdAt`), which JSON turned
 * into text. `erasesPast` says that recording one goes with a rewrite of earlier events of the stream. `upgrade` fills in what older
 * events lack; raise `version` when the payload's shape changes otherwise, and teach `read` the old one.
 */
export function defineEvent<Payload extends object>(
  type: string,
  options: { version?: number; dates?: readonly string[]; erasesPast?: boolean; upgrade?: (payload: Payload) => Payload } = {},
): EventKind<Payload> {
  const { version = 1, dates = [], erasesPast = false, upgrade } = options;
  if (erasesPast) ERASING.add(type);
  const paths = dates.map((path) => path.split('.'));
  const decoded = new WeakMap<StreamEvent, Payload>();
  return {
    type,
    record: (payload) => ({ type, version, payload: JSON.parse(JSON.stringify(payload)) as Json }),
    is: (event) => event.type === type,
    read: (event) => {
      let payload = decoded.get(event);
      if (payload === undefined) {
        const written = paths.reduce<unknown>((json, path) => revive(json as Json, path), event.payload) as Payload;
        payload = upgrade?.(written) ?? written;
        decoded.set(event, payload);
      }
      return payload;
    },
  };
}

/** The payload as it was written; what holds no dates is shared with the event. */
function revive(json: Json, [key, ...rest]: readonly string[]): unknown {
  const value = key !== undefined && isObject(json) ? json[key] : undefined;
  if (key === undefined || value == null) return json;
  return { ...(json as object), [key]: rest.length === 0 ? new Date(value as string) : revive(value, rest) };
}

function isObject(json: Json): json is { readonly [key: string]: Json } {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
