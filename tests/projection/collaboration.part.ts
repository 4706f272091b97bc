import type { Connection } from './lists';
import { nodesOf, withOne, withoutOne } from './lists';
import { part } from './part';

const ITEM = 'id list position body data done version';

interface Item {
  readonly id: string;
  readonly list: string;
  readonly position: string;
}

/** One of the lists that people edit together, in its order. */
export const agenda = part<
  readonly Item[],
  { readonly collaboration: Connection<Item> },
  { CollaborationItemChanged: { readonly item: Item }; CollaborationItemRemoved: { readonly itemId: string } }
>({
  name: 'agenda',
  of: 'collaboration',
  selection: `collaboration(list: AGENDA, first: 100) { edges { node { ${ITEM} } } }`,
  read: (found) => nodesOf(found.collaboration),
  events: { CollaborationItemChanged: `item { ${ITEM} }`, CollaborationItemRemoved: 'itemId list' },
  on: {
    CollaborationItemChanged: (items, { item }) => (item.list === 'AGENDA' ? withOne(items, item) : items),
    CollaborationItemRemoved: (items, { itemId }) => withoutOne(items, itemId),
  },
  shown: (items) => [...items].sort((one, other) => (one.position + one.id < other.position + other.id ? -1 : 1)),
});
