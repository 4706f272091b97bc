import type { DomainError } from '../../errors/domain-error';
import { badInput, notFound } from '../../errors/domain-error';

export function blockNotFound(): DomainError {
  return notFound('Block');
}

export function notSuchASubject(): DomainError {
  return badInput('value', 'is not an id or an address of this kind');
}

export function blockingOneself(): DomainError {
  return badInput('value', 'is your own account');
}
