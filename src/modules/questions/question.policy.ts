import type { DomainError } from '../../errors/domain-error';
import type { AttendeeRecord, Standpoint } from '../attendees';
import { attendeeSilenced, canModerate, moderatorsOnly, refusalOf } from '../attendees';
import type { Oversight } from '../sessions';
import { illegalInStatus, notTheAsker, questionNotFound } from './question.errors';
import type { QuestionSnapshot } from './question.events';
import { QuestionStatus } from './question.repository';
import type { QuestionChanges, QuestionRecord } from './question.repository';

type Judged = Pick<QuestionRecord, 'askerId' | 'status' | 'publishedAt'>;

export const PUBLIC_STATUSES: readonly QuestionStatus[] = ['OPEN', 'ANSWERED'];

export function isPublic({ status }: Pick<QuestionRecord, 'status'>): boolean {
  return PUBLIC_STATUSES.includes(status);
}

/** What is not public is for who asked them and who keeps order. */
export function canSee(attendee: AttendeeRecord | null, question: Pick<Judged, 'askerId' | 'status'>): boolean {
  return isPublic(question) || (attendee !== null && (question.askerId === attendee.id || canModerate(attendee)));
}

/** The same from where somebody stands who may have no place: of those who look after the session, the platform's administrators. */
export function canSeeFrom(standpoint: Standpoint | null, question: Pick<Judged, 'askerId' | 'status'>): boolean {
  return standpoint === null ? isPublic(question) : seesAll(standpoint) || canSee(standpoint.attendee, question);
}

/** A question that was never public is not spoken of; one that no longer is must disappear from screens, so its change is told. */
export function canReceive(standpoint: Standpoint, question: Judged): boolean {
  return question.publishedAt !== null || canSeeFrom(standpoint, question);
}

/** Who reads all questions of a session, hidden ones too: who keeps order in it; of those who look after it, the platform's administrators. */
export function seesAll({ attendee, oversight }: Standpoint): boolean {
  return attendee === null ? oversight === 'platform' : canModerate(attendee);
}

/** What is held is open to who asked it, as long as nobody has decided. */
export function isShadowed({ status, shadowed }: Pick<QuestionRecord, 'status' | 'shadowed'>): boolean {
  return status === 'PENDING' && shadowed;
}

/** As it looks from there: that it is held, and why, is for those who see all. */
export function asSeenFrom<Seen extends QuestionSnapshot>(standpoint: Standpoint | null, question: Seen): Seen {
  if (standpoint !== null && seesAll(standpoint)) return question;
  return { ...question, heldFor: null, status: isShadowed(question) ? 'OPEN' : question.status };
}

/** What is left of a question for those who may not see it: that it is there, and in which status. */
export function withheld(question: QuestionSnapshot): QuestionSnapshot {
  return { ...question, body: '', answer: null, rejectionReason: null, heldFor: null, anonymous: true };
}

/** Commands of those who keep order. */
export type Moderation =
  | 'approve'
  | 'reject'
  | 'hide'
  | 'answer'
  | 'pin'
  | 'unpin'
  | 'correct'
  | 'resetVotes'
  | 'mergeFrom'
  | 'mergeInto'
  | 'dismissReports'
  | 'delete';
export type QuestionCommand = Moderation | 'edit' | 'withdraw';

interface CommandRule {
  readonly by: 'asker' | 'moderator';
  readonly in: readonly QuestionStatus[];
}

const ALL = Object.values(QuestionStatus);

const RULES: Readonly<Record<QuestionCommand, CommandRule>> = {
  approve: { by: 'moderator', in: ['PENDING', 'REJECTED', 'HIDDEN', 'OPEN'] },
  reject: { by: 'moderator', in: ['PENDING', 'REJECTED'] },
  hide: { by: 'moderator', in: ['PENDING', 'OPEN', 'ANSWERED', 'HIDDEN'] },
  answer: { by: 'moderator', in: ['OPEN', 'ANSWERED'] },
  pin: { by: 'moderator', in: ['OPEN', 'ANSWERED'] },
  unpin: { by: 'moderator', in: ALL },
  correct: { by: 'moderator', in: ['PENDING', 'REJECTED', 'HIDDEN', 'OPEN', 'ANSWERED'] },
  resetVotes: { by: 'moderator', in: ['OPEN', 'ANSWERED', 'HIDDEN'] },
  mergeFrom: { by: 'moderator', in: ['PENDING', 'OPEN', 'ANSWERED', 'MERGED'] },
  mergeInto: { by: 'moderator', in: ['OPEN', 'ANSWERED'] },
  dismissReports: { by: 'moderator', in: ALL },
  delete: { by: 'moderator', in: ALL },
  edit: { by: 'asker', in: ['PENDING', 'OPEN'] },
  withdraw: { by: 'asker', in: ['PENDING', 'OPEN', 'WITHDRAWN'] },
};

/**
 * Why the viewer, by their place in the session, may not give this command now; null when they may. A question of a session they have
 * no place in, or that is hidden from them, does not exist.
 */
export function refusalOfCommand(place: AttendeeRecord | null, question: Judged, command: QuestionCommand): DomainError | null {
  const refusal = place && refusalOf(place);
  if (refusal !== null) return refusal;
  return place === null || !canSee(place, question) ? questionNotFound() : refusalOfAttendee(place, question, command);
}

/** The same for whoever looks after the session: they moderate what they can see. */
export function refusalOfOverseer(oversight: Oversight, question: Judged, command: QuestionCommand): DomainError | null {
  const rule = RULES[command];
  if (!seesAll({ attendee: null, oversight }) && !isPublic(question)) return questionNotFound();
  if (rule.by === 'asker') return notTheAsker();
  return rule.in.includes(question.status) ? null : illegalInStatus(question.status);
}

export function isModeration(command: QuestionCommand): command is Moderation {
  return RULES[command].by === 'moderator';
}

function refusalOfAttendee(attendee: AttendeeRecord, question: Judged, command: QuestionCommand): DomainError | null {
  const rule = RULES[command];
  if (rule.by === 'moderator' && !canModerate(attendee)) return moderatorsOnly();
  if (rule.by === 'asker' && question.askerId !== attendee.id) return notTheAsker();
  if (command === 'edit' && attendee.silenced) return attendeeSilenced();
  return rule.in.includes(question.status) ? null : illegalInStatus(question.status);
}

/** Whether the command would leave the question as it is. */
export function changesNothing(question: QuestionRecord, changes: QuestionChanges): boolean {
  return (Object.keys(changes) as (keyof QuestionChanges)[]).every((key) => question[key] === changes[key]);
}
