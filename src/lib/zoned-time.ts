/** A wall-clock time without a zone, as milliseconds since 1970 had it been UTC. */
export type WallTime = number & { readonly wall: unique symbol };

const DAY_MS = 86_400_000;
const NAME = /^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+){0,2}$/;
const MAX_NAME = 64;
const WALL = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})(:\d{2})?$/;
/** There are some six hundred names. */
const formatters = new Map<string, Intl.DateTimeFormat>();

/** The name of an IANA time zone, in its usual capitals; null when there is none of that name. Offsets such as `+02:00` are no zones. */
export function timeZoneNamed(text: string): string | null {
  if (text.length > MAX_NAME || !NAME.test(text)) return null;
  try {
    const known = formatterOf(text).resolvedOptions().timeZone;
    return known.toLowerCase() === text.toLowerCase() ? known : text;
  } catch {
    return null;
  }
}

/** Reads `2027-03-28T09:30` and `2027-03-28T09:30:15`; null for anything else, and for days that no calendar has. */
export function parseWallTime(text: string): WallTime | null {
  const [, day, time, seconds = ':00'] = WALL.exec(text) ?? [];
  const written = `${day}T${time}${seconds}`;
  const wall = Date.parse(`${written}Z`);
  if (Number.isNaN(wall) || !new Date(wall).toISOString().startsWith(written)) return null;
  return wall as WallTime;
}

/**
 * The instant at which the clocks of the zone show this. A time that they skip (a gap) is as much later as they skip: 02:30 becomes 03:30. Of
 * a time that they show twice (an overlap) it is the first. That is the rule of RFC 5545, and of Temporal's `compatible`.
 */
export function instantOf(wall: WallTime, zone: string): Date {
  const candidates = [wall - offsetAt(zone, wall - DAY_MS), wall - offsetAt(zone, wall + DAY_MS)];
  const [first = Number.NaN] = candidates;
  return new Date(candidates.find((instant) => instant + offsetAt(zone, instant) === wall) ?? first);
}

/** What the clocks of the zone show, to the second, and how far they are from UTC: `2027-03-28T03:30:00+02:00`. */
export function zonedTime(instant: Date, zone: string): string {
  const offset = offsetAt(zone, instant.getTime());
  const minutes = Math.abs(Math.trunc(offset / 60_000));
  const clock = `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
  return `${new Date(instant.getTime() + offset).toISOString().slice(0, 19)}${offset < 0 ? '-' : '+'}${clock}`;
}

/** By how many milliseconds the zone's clocks are ahead of UTC at that instant. */
function offsetAt(zone: string, instant: number): number {
  const parts = formatterOf(zone).formatToParts(instant);
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = FIELDS.map((field) =>
    Number(parts.find(({ type }) => type === field)?.value),
  );
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instant / 1_000) * 1_000;
}

const FIELDS: readonly Intl.DateTimeFormatPartTypes[] = ['year', 'month', 'day', 'hour', 'minute', 'second'];

function formatterOf(zone: string): Intl.DateTimeFormat {
  const key = zone.toLowerCase();
  const known = formatters.get(key);
  if (known !== undefined) return known;
  const number = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' } as const;
  const made = new Intl.DateTimeFormat('en-US', { ...number, timeZone: zone, hourCycle: 'h23' });
  formatters.set(key, made);
  return made;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
