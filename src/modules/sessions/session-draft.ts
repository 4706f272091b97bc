import { badInput } from '../../errors/domain-error';
import type { SessionChanges, SessionKind, SessionMedium } from './session.repository';

export interface SessionDraft {
  readonly organizationId?: string | null;
  readonly title: string;
  readonly description?: string | null;
  readonly kind: SessionKind;
  readonly medium: SessionMedium;
  readonly scheduledFor?: Date | null;
  readonly capacity: number;
  readonly advisorId?: string | null;
  readonly ratePerMinuteMinor?: number | null;
  readonly currency?: string | null;
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
