import type { Draw } from './draw';
import type { Rows } from './row';
import type { World } from './world';
import { ask } from './world';

interface Item {
  readonly id: string;
  readonly version: number;
}

/** One of the agenda as it is now, or a new one. */
async function itemOf(world: World, draw: Draw): Promise<Item> {
  const list = 'query ($id: ID!) { session(id: $id) { collaboration(list: AGENDA, first: 100) { edges { node { id version } } } } }';
  const { session } = await ask<{ session: { collaboration: { edges: { node: Item }[] } } }>(world.host, list, { id: world.session.id });
  const items = session.collaboration.edges.map(({ node }) => node);
  if (items.length > 0) return draw.of(items);
  const input = { sessionId: world.session.id, list: 'AGENDA', body: draw.text() };
  const added = await world.run<{ addCollaborationItem: { item: Item } }>(
    world.host,
    'addCollaborationItem',
    { input },
    'item { id version }',
  );
  return added.addCollaborationItem.item;
}

export const collaborationRows: Rows = {
  addCollaborationItem: {
    changes: ['agenda'],
    call: async ({ host, session }, draw) => ({
      by: host,
      variables: { input: { sessionId: session.id, list: 'AGENDA', body: draw.text(), data: draw.of([null, { minutes: draw.nat(9) }]) } },
    }),
  },
  editCollaborationItem: {
    changes: ['agenda'],
    call: async (world, draw) => {
      const { id: itemId, version } = await itemOf(world, draw);
      return { by: world.moderator, variables: { input: { itemId, version, body: draw.text(), done: draw.nat(1) === 1 } } };
    },
  },
  moveCollaborationItem: {
    changes: ['agenda'],
    call: async (world, draw) => {
      const { id: itemId, version } = await itemOf(world, draw);
      return { by: world.host, variables: { input: { itemId, version, afterId: null } } };
    },
  },
  removeCollaborationItem: {
    changes: ['agenda'],
    call: async (world, draw) => {
      const { id: itemId, version } = await itemOf(world, draw);
      return { by: world.host, variables: { input: { itemId, version } } };
    },
  },
  movePointer: {
    outside: 'a pointer is gone after ten seconds, and cannot be read',
    call: async ({ host, session }, draw) => ({ by: host, variables: { input: { sessionId: session.id, x: draw.nat(9) / 10, y: 0.5 } } }),
  },
};
