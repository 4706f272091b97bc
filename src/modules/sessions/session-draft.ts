import { badInput } from '../../errors/domain-error';
import { digest } from '../../lib/digest';
import type { ScheduleWish } from './schedule';
import { clientIdReused } from './session.errors';
import type { Retry, SessionChanges, SessionKind, SessionMedium, SessionRecord } from './session.repository';

export interface SessionDraft extends ScheduleWish {
  readonly organizationId?: string | null;
  readonly title: string;
  readonly description?: string | null;
  readonly kind: SessionKind;
  readonly medium: SessionMedium;
  readonly capacity: number;
  readonly advisorId?: string | null;
  readonly ratePerMinuteMinor?: number | null;
  readonly currency?: string | null;
  /** Makes a retry harmless. */
  readonly clientId?: string | null;
}

/** A CALL has an advisor and may have a price; a CONFERENCE has neither. */
export function assertConsistent({ kind, advisorId, ratePerMinuteMinor, currency }: SessionDraft, creatorId: string): void {
  if (kind === 'CONFERENCE') {
    const extra = Object.entries({ advisorId, ratePerMinuteMinor, currency }).find(([, value]) => value != null);
    if (extra !== undefined) throw badInput(extra[0], 'is for a CALL only');
    return;
  }
  if (advisorId == null) throw badInput('advisorId', 'is required for a CALL');
  if (advisorId === creatorId) throw badInput('advisorId', 'must be another user than the caller');
  if (ratePerMinuteMinor != null && currency == null) throw badInput('currency', 'is required with ratePerMinuteMinor');
  if (ratePerMinuteMinor == null && currency != null) throw badInput('ratePerMinuteMinor', 'is required with currency');
}

export function trimmed({ title, description, ...rest }: SessionChanges): SessionChanges {
  return { ...rest, title: title?.trim(), description: description === undefined ? undefined : blankToNull(description) };
}

export function blankToNull(text: string | null | undefined): string | null {
  const content = text?.trim() ?? '';
  return content === '' ? null : content;
}

/** What is kept of a request to make a session, so that the same request is known again. */
export function retryOf(clientId: string | null | undefined, request: object): Retry {
  return clientId == null ? { clientId: null, clientDigest: null } : { clientId, clientDigest: digest(JSON.stringify(request)) };
}

/** Throws IDEMPOTENCY_CONFLICT when something else was asked under this id. */
export function assertSameRequest({ clientDigest }: Retry, made: Pick<Retry, 'clientDigest'>): void {
  if (clientDigest !== made.clientDigest) throw clientIdReused();
}

/** What a copy of the session is made from, its time apart. */
export function draftOf(session: SessionRecord): SessionDraft {
  const { title, description, kind, medium, capacity, advisorId, ratePerMinuteMinor, currency, timeZone } = session;
  return { title, description, kind, medium, capacity, advisorId, ratePerMinuteMinor, currency, timeZone };
}

/** Without what was left out. */
export function given<Wish extends object>(wish: Wish): Partial<Wish> {
  return Object.fromEntries(Object.entries(wish).filter(([, value]) => value !== undefined)) as Partial<Wish>;
}
