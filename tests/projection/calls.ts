import type { Row, Rows } from './row';
import type { Person, World } from './world';

const BETWEEN_TWO = 'between two, on streams of their own (tests/e2e/calls.test.ts)';

interface Ringing {
  readonly caller: Person;
  readonly callee: Person;
  readonly callId: string;
}

const inputOf = (world: World, callee: Person) => ({ sessionId: world.session.id, calleeId: callee.attendeeId, peerId: 'desk' });

/** Of two who are in no other. */
async function ring(world: World): Promise<Ringing> {
  const [caller, callee] = [await world.newGuest(), await world.newGuest()];
  const input = inputOf(world, callee);
  const { startCall } = await world.run<{ startCall: { call: { id: string } } }>(caller, 'startCall', { input }, 'call { id }');
  return { caller, callee, callId: startCall.call.id };
}

async function talk(world: World): Promise<Ringing> {
  const ringing = await ring(world);
  await world.run(ringing.callee, 'answerCall', { input: { callId: ringing.callId, peerId: 'phone' } });
  return ringing;
}

const by = (side: 'caller' | 'callee', begin: (world: World) => Promise<Ringing>): Row => ({
  outside: BETWEEN_TWO,
  call: async (world) => {
    const call = await begin(world);
    return { by: call[side], variables: { callId: call.callId } };
  },
});

export const callRows: Rows = {
  startCall: {
    outside: BETWEEN_TWO,
    call: async (world) => {
      const [caller, callee] = [await world.newGuest(), await world.newGuest()];
      return { by: caller, variables: { input: inputOf(world, callee) } };
    },
  },
  answerCall: {
    outside: BETWEEN_TWO,
    call: async (world) => {
      const { callee, callId } = await ring(world);
      return { by: callee, variables: { input: { callId, peerId: 'phone' } } };
    },
  },
  rejectCall: by('callee', ring),
  cancelCall: by('caller', ring),
  holdCall: by('callee', talk),
  resumeCall: by('caller', talk),
  hangUpCall: by('callee', talk),
  reportQuality: {
    outside: 'the picture of a connection, told on a stream of its own when its band changes (tests/e2e/calls.test.ts)',
    call: async ({ guest, attendee, session }) => ({
      by: guest,
      variables: { input: { sessionId: session.id, remoteId: attendee.attendeeId, state: 'CONNECTED', rttMs: 20 } },
    }),
  },
  mediaToken: {
    outside: 'a token, which only who asks for it sees; without a media server it is refused',
    refused: 'MEDIA_SERVER_ABSENT',
    call: async ({ guest, session }) => ({ by: guest, variables: { sessionId: session.id } }),
  },
};
