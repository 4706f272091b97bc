import type { Rows } from './row';

const UNLISTED = 'who belongs to a channel cannot be listed: that they may no longer follow it is checked with everything else';

export const channelRows: Rows = {
  createChannel: {
    outside: 'nobody follows a channel before it is there',
    call: async (world, draw) => ({
      by: await world.newcomer(),
      variables: { input: { name: `club:other:${draw.nat(1_000_000)}`, type: 'PRIVATE' } },
    }),
  },
  addChannelMember: {
    outside: UNLISTED,
    call: async (world, draw) => ({
      by: world.host,
      variables: { input: { channelId: world.clubId, userId: (await draw.among([world.stranger], () => world.newcomer())).userId } },
    }),
  },
  removeChannelMember: {
    outside: UNLISTED,
    call: async (world, draw) => {
      const { userId } = await draw.among([world.attendee, world.moderator], () => world.newcomer());
      const input = { channelId: world.clubId, userId };
      await world.run(world.host, 'addChannelMember', { input }).catch(() => undefined);
      return { by: world.host, variables: { input } };
    },
  },
  leaveChannel: {
    outside: UNLISTED,
    call: async (world, draw) => {
      const by = await draw.among([world.attendee, world.moderator], () => world.newcomer());
      await world.run(world.host, 'addChannelMember', { input: { channelId: world.clubId, userId: by.userId } }).catch(() => undefined);
      return { by, variables: { channelId: world.clubId } };
    },
  },
  handOverChannel: {
    outside: UNLISTED,
    call: async (world, draw) => ({
      by: world.host,
      variables: { input: { channelId: world.clubId, userId: draw.of([world.host, world.host, world.moderator]).userId } },
    }),
  },
};
