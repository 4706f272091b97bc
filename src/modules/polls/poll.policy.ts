import type { Standpoint } from '../attendees';
import { canModerate } from '../attendees';
import type { PollRecord, PollStatus } from './poll.repository';

/** Who runs the polls of a session: who keeps order in it, or looks after it. */
export function runsPolls({ attendee }: Standpoint): boolean {
  return attendee === null || canModerate(attendee);
}

/** A draft is for those who run the polls; a deleted one is gone. */
export function canSee(standpoint: Standpoint, { status }: Pick<PollRecord, 'status'>): boolean {
  return status === 'DRAFT' ? runsPolls(standpoint) : status !== 'DELETED';
}

/** One that nobody else ever saw is not spoken of. */
export function canReceive(standpoint: Standpoint | null, { openedAt }: Pick<PollRecord, 'openedAt'>): boolean {
  return openedAt !== null || (standpoint !== null && runsPolls(standpoint));
}

type Shown = Pick<PollRecord, 'status' | 'resultsVisibility'>;

/** Whether they know what the votes come to. */
export function canSeeResults({ status, resultsVisibility }: Shown, reader: { runsPolls: boolean; voted: boolean }): boolean {
  if (reader.runsPolls || resultsVisibility === 'ALWAYS') return true;
  if (resultsVisibility === 'STAFF') return false;
  return status === 'CLOSED' || (resultsVisibility === 'AFTER_VOTE' && reader.voted);
}

export type PollCommand = 'open' | 'close' | 'reset' | 'delete';

/** In which statuses a command does something; where it has been done already it does nothing. */
const RULES: Readonly<Record<PollCommand, readonly PollStatus[]>> = {
  open: ['DRAFT', 'CLOSED', 'OPEN'],
  close: ['OPEN', 'CLOSED'],
  reset: ['OPEN', 'CLOSED'],
  delete: ['DRAFT', 'OPEN', 'CLOSED'],
};

export function isLegal(command: PollCommand, { status }: Pick<PollRecord, 'status'>): boolean {
  return RULES[command].includes(status);
}
