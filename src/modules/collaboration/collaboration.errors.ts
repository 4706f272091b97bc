import { DomainError, forbidden, notFound, preconditionFailed } from '../../errors/domain-error';
import type { ItemSnapshot } from './item.repository';

export const itemNotFound = (): DomainError => notFound('Item');
export const notACollaborator = (): DomainError =>
  forbidden('NOT_A_COLLABORATOR', 'Only who presents, or keeps order, may edit the shared lists.');

/** Somebody else was faster; `details.item` is the item as it is now. */
export function itemChangedMeanwhile(item: ItemSnapshot): DomainError {
  return new DomainError('CONFLICT', { reason: 'ITEM_CHANGED', message: 'The item was changed meanwhile.', details: { item } });
}

export function itemClientIdReused(): DomainError {
  return new DomainError('IDEMPOTENCY_CONFLICT', {
    reason: 'CLIENT_ID_REUSED',
    message: 'The same client id was used before for another item.',
  });
}

export function listFull(max: number): DomainError {
  return preconditionFailed('LIST_FULL', `A list has at most ${max} items.`);
}
