import type { Rows } from './row';

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
      variables: { sessionId: session.id, raised: draw.nat(3) > 0 },
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
  renewAttendeeToken: {
    outside: 'a token, which only who renews it sees',
    call: async ({ guest }) => ({ by: guest, variables: {} }),
  },
};
