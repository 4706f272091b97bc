import { DomainError } from '../../errors/domain-error';

export function emailTaken(): DomainError {
  return new DomainError('CONFLICT', { reason: 'EMAIL_TAKEN', message: 'This e-mail address has an account already.' });
}
