import type { Conversation } from './channel.part';
import type { Rows } from './row';
import { ask } from './world';

const EMOJI = ['👍', '🎉', '❤️'];

export const messageRows: Rows = {
  sendMessage: {
    changes: ['messages'],
    call: async (world, draw) => {
      const replied = draw.nat(1) === 1 ? await world.message(draw) : null;
      const by = replied?.by ?? draw.of(world.participants);
      const channelId = replied === null ? world.session.channel.id : await channelOf(replied.id, world.host);
      return { by, variables: { input: { channelId, body: draw.text(), replyToId: replied?.id ?? null } } };
    },
  },
  broadcastMessage: {
    changes: ['messages'],
    call: (world, draw) => {
      const input = { channelIds: [world.session.channel.id, world.clubId], body: draw.text() };
      return Promise.resolve({ by: world.host, variables: { input } });
    },
  },
  editMessage: {
    changes: ['messages'],
    call: async (world, draw) => {
      const { id, by } = await world.message(draw);
      return { by, variables: { input: { messageId: id, body: draw.text() } } };
    },
  },
  deleteMessage: {
    changes: ['messages'],
    call: async (world, draw) => {
      const { id, by } = await world.message(draw);
      return { by, variables: { input: { messageId: id } } };
    },
  },
  addReaction: {
    changes: ['messages'],
    call: async (world, draw) => {
      const { id, by } = await world.message(draw);
      return { by: draw.of([by, world.moderator]), variables: { input: { messageId: id, emoji: draw.of(EMOJI) } } };
    },
  },
  removeReaction: {
    changes: ['messages'],
    call: async (world, draw) => {
      const { id, by } = await world.message(draw);
      const input = { messageId: id, emoji: draw.of(EMOJI) };
      await world.run(by, 'addReaction', { input }).catch(() => undefined);
      return { by, variables: { input } };
    },
  },
  pinMessage: {
    changes: ['messages', 'pins'],
    call: async (world, draw) => ({ by: world.host, variables: { input: { messageId: (await world.message(draw)).id } } }),
  },
  unpinMessage: {
    changes: ['messages', 'pins'],
    call: async (world, draw) => {
      const input = { messageId: (await world.message(draw)).id };
      await world.run(world.host, 'pinMessage', { input }).catch(() => undefined);
      return { by: world.host, variables: { input } };
    },
  },
  acknowledge: {
    changes: ['messages'],
    answer: {
      part: 'messages',
      of: ({ input }: { input: { channelId: string } }) => input.channelId,
      select: 'unreadCount',
      apply: (state: Conversation, { unreadCount }: { unreadCount: number }) => ({ ...state, unreadCount }),
    },
    call: async (world, draw) => {
      const by = draw.of(world.participants);
      const { id: channelId } = world.session.channel;
      await world.message(draw, world.guest).catch(() => undefined);
      const query = 'query ($id: ID!) { channelEvents(channelId: $id, first: 100) { ... on StreamEvent { cursor } } }';
      const { channelEvents } = await ask<{ channelEvents: { cursor: string }[] }>(world.host, query, { id: channelId });
      return { by: by === world.guest ? world.host : by, variables: { input: { channelId, cursor: draw.of(channelEvents).cursor } } };
    },
  },
  setTyping: {
    outside: 'ends by itself after six seconds, and cannot be read',
    call: async ({ guest, session }) => ({ by: guest, variables: { input: { channelId: session.channel.id, typing: true } } }),
  },
};

async function channelOf(id: string, by: Parameters<typeof ask>[0]): Promise<string> {
  const { node } = await ask<{ node: { channelId: string } }>(by, 'query ($id: ID!) { node(id: $id) { ... on Message { channelId } } }', {
    id,
  });
  return node.channelId;
}
