import { DomainError, forbidden, notFound, preconditionFailed } from '../../errors/domain-error';
import type { QuestionStatus } from './question.repository';

export const questionNotFound = (): DomainError => notFound('Question');

export const notTheAsker = (): DomainError => forbidden('NOT_THE_ASKER', 'Only who asked may do this.');

export const anonymityNotAllowed = (): DomainError =>
  preconditionFailed('ANONYMITY_NOT_ALLOWED', 'Questions in this session are asked by name.');

export function illegalInStatus(status: QuestionStatus): DomainError {
  return preconditionFailed(`QUESTION_${status}`, `The question is ${status}.`);
}

/** Of a question that the asker sees: they may vote on it instead. */
export function duplicateQuestion(questionId: string): DomainError {
  return new DomainError('CONFLICT', { reason: 'DUPLICATE_QUESTION', message: 'This was asked already.', details: { questionId } });
}

export const clientIdReused = (): DomainError =>
  new DomainError('IDEMPOTENCY_CONFLICT', {
    reason: 'CLIENT_ID_REUSED',
    message: 'This client id was used for another question in this session.',
  });
