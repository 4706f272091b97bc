import type { Rows } from './row';

export const signalingRows: Rows = {
  sendSignals: {
    changes: ['inbox'],
    call: async ({ host, moderator, attendee, guest, session }, draw) => ({
      by: draw.of([host, moderator]),
      variables: {
        input: {
          sessionId: session.id,
          signals: [attendee, guest].map(({ attendeeId }) => ({ to: attendeeId, type: 'END', payload: { reason: draw.text() } })),
        },
      },
    }),
  },
  sendSignal: {
    changes: ['inbox'],
    call: async ({ host, moderator, attendee, guest, session }, draw) => ({
      by: draw.of([host, moderator]),
      variables: {
        input: { sessionId: session.id, to: draw.of([attendee, guest]).attendeeId, type: 'END', payload: { reason: draw.text() } },
      },
    }),
  },
};
