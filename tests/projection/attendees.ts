import type { Rows } from './row';
import type { Person, World } from './world';

export const attendeeRows: Rows = {
  joinSession: {
    changes: ['attendees'],
    call: async (world, draw) => ({
      by: draw.nat(1) === 1 ? world.stranger : await world.newcomer(),
      variables: { input: { code: world.session.code } },
    }),
  },
  leaveSession: {
    changes: ['attendees'],
    call: async (world, draw) => ({
      by: await draw.among([world.guest, world.attendee], () => world.newGuest()),
      variables: { sessionId: world.session.id },
    }),
  },
  raiseHand: {
    changes: ['attendees'],
    call: async ({ participants, session }, draw) => ({
      by: draw.of(participants),
      variables: { sessionId: session.id, raised: await draw.among([true, false], () => Promise.resolve(true)) },
    }),
  },
  setAttendeeRole: {
    changes: ['attendees'],
    call: async (world, draw) => {
      const target = await draw.among([world.guest, world.attendee, world.moderator], () => world.newGuest());
      return { by: world.host, variables: { input: { attendeeId: target.attendeeId, role: draw.of(['PRESENTER', 'MODERATOR']) } } };
    },
  },
  removeAttendee: {
    changes: ['attendees'],
    call: async (world, draw) => ({
      by: draw.of([world.host, world.moderator]),
      variables: { input: { attendeeId: (await draw.among([world.guest, world.attendee], () => world.newGuest())).attendeeId } },
    }),
  },
  banAttendee: {
    changes: ['attendees'],
    call: async (world, draw) => ({
      by: draw.of([world.host, world.moderator]),
      variables: { input: { attendeeId: (await draw.among([world.guest, world.attendee], () => world.newGuest())).attendeeId } },
    }),
  },
  unbanAttendee: {
    changes: ['attendees'],
    call: async (world, draw) => {
      const { attendeeId } = await draw.among([world.guest, world.attendee], () => world.newGuest());
      await world.run(world.host, 'banAttendee', { input: { attendeeId } }).catch(() => undefined);
      return { by: world.host, variables: { input: { attendeeId } } };
    },
  },
  muteAttendee: {
    changes: ['attendees'],
    call: async (world, draw) => {
      const { attendeeId } = await draw.among([world.guest, world.attendee], () => world.newGuest());
      return { by: draw.of([world.host, world.moderator]), variables: { input: { attendeeId, muted: true } } };
    },
  },
  lowerHand: {
    changes: ['attendees'],
    call: async (world, draw) => {
      await world.run(world.guest, 'raiseHand', { sessionId: world.session.id, raised: true }).catch(() => undefined);
      return { by: draw.of([world.host, world.moderator]), variables: { input: { attendeeId: world.guest.attendeeId } } };
    },
  },
  admitAttendee: {
    changes: ['attendees'],
    call: async (world) => ({ by: world.moderator, variables: { input: { attendeeId: (await waiting(world)).attendeeId } } }),
  },
  admitAll: {
    changes: ['attendees'],
    call: async (world) => {
      await waiting(world);
      return { by: world.host, variables: { sessionId: world.session.id } };
    },
  },
  denyAttendee: {
    changes: ['attendees'],
    call: async (world) => ({ by: world.host, variables: { input: { attendeeId: (await waiting(world)).attendeeId } } }),
  },
  denyAll: {
    changes: ['attendees'],
    call: async (world) => {
      await waiting(world);
      return { by: world.moderator, variables: { sessionId: world.session.id } };
    },
  },
  renewAttendeeToken: {
    outside: 'a token, which only who renews it sees',
    call: async ({ guest }) => ({ by: guest, variables: {} }),
  },
};

/** Somebody in the lobby, which is open from here on. */
async function waiting(world: World): Promise<Person> {
  await world.run(world.host, 'updateSessionSettings', { input: { sessionId: world.session.id, lobby: true } }).catch(() => undefined);
  return world.newGuest();
}
