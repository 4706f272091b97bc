import { badInput } from '../../errors/domain-error';
import { instantOf, parseWallTime, timeZoneNamed } from '../../lib/zoned-time';
import type { Schedule, SessionKind } from './session.repository';

/** What somebody says of it: each time as an instant or as the clocks of the zone show it. Undefined leaves it, null clears it. */
export interface ScheduleWish {
  readonly scheduledFor?: Date | null;
  readonly scheduledEndAt?: Date | null;
  readonly scheduledForLocal?: string | null;
  readonly scheduledEndLocal?: string | null;
  readonly timeZone?: string | null;
}

export const UNSCHEDULED: Schedule = { scheduledFor: null, scheduledEndAt: null, timeZone: null };

const CALL_LENGTH_MS = 60 * 60 * 1_000;
const MAX_LENGTH_MS = 31 * 24 * 60 * 60 * 1_000;
const EARLIEST = Date.UTC(2000);
const LATEST = Date.UTC(2200);

export function wishesSchedule(wish: ScheduleWish): boolean {
  const { scheduledFor, scheduledEndAt, scheduledForLocal, scheduledEndLocal, timeZone } = wish;
  return [scheduledFor, scheduledEndAt, scheduledForLocal, scheduledEndLocal, timeZone].some((value) => value !== undefined);
}

/**
 * The schedule after the wish. A session that is moved keeps its length unless an end is given; one that loses its beginning loses its end.
 * Throws BAD_USER_INPUT for times and zones that are none, and for an end that is not after the beginning.
 */
export function scheduleAfter(current: Schedule, wish: ScheduleWish, kind: SessionKind): Schedule {
  const timeZone = wish.timeZone === undefined ? current.timeZone : zoneOf(wish.timeZone);
  const begin = timeOf(wish, 'scheduledFor', 'scheduledForLocal', timeZone);
  const end = timeOf(wish, 'scheduledEndAt', 'scheduledEndLocal', timeZone);
  const scheduledFor = begin === undefined ? current.scheduledFor : begin;
  if (scheduledFor === null) {
    if (end != null) throw badInput('scheduledEndAt', 'needs a beginning');
    return { scheduledFor: null, scheduledEndAt: null, timeZone };
  }
  const scheduledEndAt = (end === undefined ? endKept(current, scheduledFor) : end) ?? endOf(kind, scheduledFor);
  assertSpan(scheduledFor, scheduledEndAt);
  return { scheduledFor, scheduledEndAt, timeZone };
}

function zoneOf(text: string | null): string | null {
  if (text === null) return null;
  const zone = timeZoneNamed(text);
  if (zone === null) throw badInput('timeZone', 'is not the name of a time zone, such as Europe/Berlin');
  return zone;
}

function timeOf(
  wish: ScheduleWish,
  instantField: 'scheduledFor' | 'scheduledEndAt',
  localField: 'scheduledForLocal' | 'scheduledEndLocal',
  timeZone: string | null,
): Date | null | undefined {
  const [instant, local] = [wish[instantField], wish[localField]];
  if (local == null) return instant === undefined ? local : instant;
  if (instant != null) throw badInput(localField, `cannot be used together with ${instantField}`);
  if (timeZone === null) throw badInput('timeZone', `is required with ${localField}`);
  const wall = parseWallTime(local);
  if (wall === null) throw badInput(localField, 'is not a local date and time, such as 2027-03-28T09:30');
  const time = instantOf(wall, timeZone);
  if (time.getTime() < EARLIEST || time.getTime() >= LATEST) throw badInput(localField, 'must be from 2000 to 2199');
  return time;
}

function endKept({ scheduledFor, scheduledEndAt }: Schedule, begin: Date): Date | null {
  if (scheduledFor === null || scheduledEndAt === null) return null;
  return new Date(begin.getTime() + scheduledEndAt.getTime() - scheduledFor.getTime());
}

function endOf(kind: SessionKind, begin: Date): Date | null {
  return kind === 'CALL' ? new Date(begin.getTime() + CALL_LENGTH_MS) : null;
}

function assertSpan(begin: Date, end: Date | null): void {
  if (end === null) return;
  const length = end.getTime() - begin.getTime();
  if (length <= 0) throw badInput('scheduledEndAt', 'must be after the beginning');
  if (length > MAX_LENGTH_MS) throw badInput('scheduledEndAt', 'must be within 31 days of the beginning');
}
