import { DomainError } from '../../errors/domain-error';

export function advisorBooked(): DomainError {
  return new DomainError('CONFLICT', { reason: 'ADVISOR_BOOKED', message: 'The advisor has another call at that time.' });
}
