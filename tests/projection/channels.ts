import type { Rows } from './row';
import type { Person, World } from './world';

const UNLISTED = 'who belongs to a channel is read when it is looked at: that they may no longer follow it is checked with everything else';

const UNSEEN = 'an invitation is its own people’s alone, who do not follow the channel yet';

async function invited(world: World): Promise<Person> {
  const person = await world.newcomer();
  await world.run(world.host, 'inviteToChannel', { input: { channelId: world.clubId, userId: person.userId } }).catch(() => undefined);
  return person;
}

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
  inviteToChannel: {
    outside: UNSEEN,
    call: async (world) => ({ by: world.host, variables: { input: { channelId: world.clubId, userId: (await world.newcomer()).userId } } }),
  },
  revokeChannelInvitation: {
    outside: UNSEEN,
    call: async (world) => {
      const input = { channelId: world.clubId, userId: (await world.newcomer()).userId };
      await world.run(world.host, 'inviteToChannel', { input }).catch(() => undefined);
      return { by: world.host, variables: { input } };
    },
  },
  joinChannel: {
    outside: UNLISTED,
    call: async (world) => ({ by: await invited(world), variables: { channelId: world.clubId } }),
  },
  declineChannelInvitation: {
    outside: UNSEEN,
    call: async (world) => ({ by: await invited(world), variables: { channelId: world.clubId } }),
  },
  archiveChannel: {
    changes: ['use'],
    call: async (world) => {
      const variables = { channelId: world.clubId };
      await world.run(world.host, 'unarchiveChannel', variables).catch(() => undefined);
      return { by: world.host, variables };
    },
  },
  unarchiveChannel: {
    changes: ['use'],
    call: async (world) => {
      const variables = { channelId: world.clubId };
      await world.run(world.host, 'archiveChannel', variables).catch(() => undefined);
      return { by: world.host, variables };
    },
  },
  updateChannelSettings: {
    changes: ['use'],
    call: (world, draw) =>
      Promise.resolve({ by: world.host, variables: { input: { channelId: world.clubId, slowModeSeconds: 1 + draw.nat(3_000) } } }),
  },
  handOverChannel: {
    outside: UNLISTED,
    call: async (world, draw) => ({
      by: world.host,
      variables: { input: { channelId: world.clubId, userId: draw.of([world.host, world.host, world.moderator]).userId } },
    }),
  },
};
