import type { Row, Rows } from './row';
import type { Person, World } from './world';

const BETWEEN_TWO = 'between two, on streams of their own (tests/e2e/calls.test.ts)';

interface Ringing {
  readonly caller: Person;
  readonly callee: Person;
  readonly callId: string;
}

const inputOf = (world: World, callee: Person) => ({ sessionId: world.session.id, calleeId: callee.attendeeId, peerId: 'desk' });

const START = 'call { id status }';

/** Of the same two each time: what they were in is this very call, or is ended first. */
async function ring(world: World): Promise<Ringing> {
  const { guest: caller, attendee: callee } = world;
  const start = async () => {
    const input = inputOf(world, callee);
    return (await world.run<{ startCall: { call: { id: string; status: string } } }>(caller, 'startCall', { input }, START)).startCall.call;
  };
  const call = await start();
  if (call.status === 'RINGING') return { caller, callee, callId: call.id };
  await world.run(caller, 'hangUpCall', { callId: call.id });
  return { caller, callee, callId: (await start()).id };
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
    call: async (world) => ({ by: world.guest, variables: { input: inputOf(world, world.attendee) } }),
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
