import type { Rows } from './row';
import { ask } from './world';

export const sessionRows: Rows = {
  createSession: {
    outside: 'nobody follows a session before it is there',
    call: async ({ host, organizationId }, draw) => ({ by: host, variables: { input: { title: draw.text(), organizationId } } }),
  },
  updateSession: {
    changes: ['session'],
    call: async ({ host, session }, draw) => ({
      by: host,
      variables: {
        input: { sessionId: session.id, title: draw.text(), description: draw.of([null, draw.text()]), capacity: 50 + draw.nat(50) },
      },
    }),
  },
  updateSessionSettings: {
    changes: ['session'],
    call: async ({ host, session }, draw) => {
      const settings = {
        anonymousQuestions: draw.nat(3) > 0,
        questionApproval: draw.nat(1) === 1,
        refuseDuplicates: draw.nat(1) === 1,
        presenting: draw.of(['PRESENTERS', 'EVERYONE']),
      };
      return { by: host, variables: { input: { sessionId: session.id, ...settings } } };
    },
  },
  updateSessionMetadata: {
    changes: ['metadata'],
    call: async ({ host, session }, draw) => ({
      by: host,
      variables: { input: { sessionId: session.id, patch: { [`key${draw.nat(3)}`]: draw.text() } } },
    }),
  },
  updateSessionNotes: {
    changes: ['notes'],
    call: async ({ host, session }, draw) => {
      const query = 'query ($id: ID!) { session(id: $id) { notes { version } } }';
      const read = await ask<{ session: { notes: { version: number } } }>(host, query, { id: session.id });
      return { by: host, variables: { input: { sessionId: session.id, body: draw.text(), version: read.session.notes.version } } };
    },
  },
  duplicateSession: {
    outside: 'nobody follows a copy before it is there',
    call: async ({ host, session }) => ({ by: host, variables: { input: { sessionId: session.id } } }),
  },
  deleteSession: {
    outside: 'only what is not under way can be deleted, and that is followed by nobody here',
    call: async (world) => ({ by: world.host, variables: { sessionId: (await world.otherSession()).id } }),
  },
  startSession: {
    outside: 'the session of which this is told has begun; another is followed by nobody',
    call: async (world) => ({ by: world.host, variables: { sessionId: (await world.otherSession()).id } }),
  },
  pauseSession: {
    changes: ['session'],
    call: async ({ host, session }) => ({ by: host, variables: { sessionId: session.id } }),
  },
  resumeSession: {
    changes: ['session'],
    call: async (world) => {
      const variables = { sessionId: world.session.id };
      await world.run(world.host, 'pauseSession', variables).catch(() => undefined);
      return { by: world.host, variables };
    },
  },
  endSession: {
    changes: ['session', 'attendees'],
    ends: true,
    call: async ({ host, session }) => ({ by: host, variables: { sessionId: session.id } }),
  },
  cancelSession: {
    outside: 'only what has not begun can be cancelled, and that is followed by nobody here',
    call: async (world) => ({ by: world.host, variables: { sessionId: (await world.otherSession()).id } }),
  },
};
