import type { DomainError } from '../../errors/domain-error';
import { forbidden, notFound, preconditionFailed } from '../../errors/domain-error';

export const attendeeNotFound = (): DomainError => notFound('Attendee');
export const attendeeRemoved = (): DomainError => forbidden('ATTENDEE_REMOVED', 'You were removed from this session.');
export const notAttending = (): DomainError => forbidden('NOT_ATTENDING', 'Join the session first.');
export const notInvited = (): DomainError => forbidden('NOT_INVITED', 'A call is for its two parties only.');
export const moderatorsOnly = (): DomainError => forbidden('MODERATORS_ONLY', 'Only who moderates the session may do this.');
export const partyCannotBeRemoved = (): DomainError =>
  forbidden('PARTY_CANNOT_BE_REMOVED', 'The host, or a party of a call, cannot be removed.');
export const partyKeepsRole = (): DomainError => forbidden('PARTY_KEEPS_ROLE', 'The host, or a party of a call, keeps their role.');
export const sessionFull = (): DomainError => preconditionFailed('SESSION_FULL', 'All seats are taken.');
export const alreadyJoined = (): DomainError => preconditionFailed('ALREADY_JOINED', 'You are in this session already, from elsewhere.');
export const notWaiting = (): DomainError => preconditionFailed('NOT_WAITING', 'They do not wait to be let in.');
export const attendeeSilenced = (): DomainError => forbidden('ATTENDEE_SILENCED', 'You may not write in this session now.');
export const partyCannotBeMuted = (): DomainError => forbidden('PARTY_CANNOT_BE_MUTED', 'The host, or a party of a call, cannot be muted.');
export const attendeeTokenNeeded = (): DomainError =>
  forbidden('ATTENDEE_TOKEN_NEEDED', 'Only the bearer of an attendee token may renew it.');
