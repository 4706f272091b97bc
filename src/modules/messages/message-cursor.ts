import { badInput } from '../../errors/domain-error';
import type { PageRequest } from '../../graphql/connection';

/** The place in the channel's order that a page goes on from, from the one part of its cursor; null at the list's end. */
export function offsetAfter({ direction, beyond }: PageRequest): number | null {
  const [place] = beyond ?? [];
  if (place === undefined) return null;
  if (!/^\d{1,15}$/.test(place)) throw badInput(direction === 'forward' ? 'after' : 'before', 'is not a cursor of this list');
  return Number(place);
}
