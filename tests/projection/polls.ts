import type { Draw } from './draw';
import type { Call, Rows } from './row';
import type { World } from './world';

interface Poll {
  readonly id: string;
  readonly options: readonly { readonly id: string }[];
}

function draftOf(sessionId: string, draw: Draw, open: boolean): Record<string, unknown> {
  const rest = { anonymous: draw.nat(1) === 1, resultsVisibility: draw.of(['ALWAYS', 'AFTER_VOTE', 'STAFF']) };
  return { sessionId, title: draw.text(), options: ['This', 'That', 'Neither'], open, ...rest };
}

/** A new one. */
async function pollOf(world: World, draw: Draw, open: boolean, sessionId = world.session.id): Promise<Poll> {
  const input = draftOf(sessionId, draw, open);
  const made = await world.run<{ createPoll: { poll: Poll } }>(world.host, 'createPoll', { input }, 'poll { id options { id } }');
  return made.createPoll.poll;
}

/** One that is open, in a session that nobody follows: that there is a poll would be news. */
async function unseenPoll(world: World, draw: Draw): Promise<{ readonly pollId: string; readonly optionIds: readonly string[] }> {
  const { id: sessionId } = await world.otherSession();
  await world.run(world.host, 'startSession', { sessionId });
  const { id, options } = await pollOf(world, draw, true, sessionId);
  return { pollId: id, optionIds: [draw.of(options).id] };
}

const byModerator =
  (isOpen: (draw: Draw) => boolean) =>
  async (world: World, draw: Draw): Promise<Call> => ({
    by: draw.of([world.host, world.moderator]),
    variables: { input: { pollId: (await pollOf(world, draw, isOpen(draw))).id } },
  });

const open = (): boolean => true;
const draft = (): boolean => false;
const either = (draw: Draw): boolean => draw.nat(1) === 1;

export const pollRows: Rows = {
  createPoll: {
    changes: ['polls'],
    call: (world, draw) =>
      Promise.resolve({ by: draw.of([world.host, world.moderator]), variables: { input: draftOf(world.session.id, draw, either(draw)) } }),
  },
  openPoll: { changes: ['polls'], call: byModerator(draft) },
  closePoll: { changes: ['polls'], call: byModerator(open) },
  deletePoll: { changes: ['polls'], call: byModerator(either) },
  votePoll: {
    outside: 'what the votes come to is told whole by pollResults: tests/modules/polls/poll-results.service.test.ts',
    call: async (world, draw) => ({ by: world.host, variables: { input: await unseenPoll(world, draw) } }),
  },
  resetPoll: {
    outside: 'the poll stays as it is: what its votes come to is told whole by pollResults',
    call: async (world, draw) => {
      const vote = await unseenPoll(world, draw);
      await world.run(world.host, 'votePoll', { input: vote });
      return { by: world.host, variables: { input: { pollId: vote.pollId } } };
    },
  },
  sendReaction: {
    outside: 'how often was reacted is told whole by sessionReactions: tests/modules/session-reactions',
    call: ({ participants, session }, draw) =>
      Promise.resolve({ by: draw.of(participants), variables: { input: { sessionId: session.id, emoji: draw.of(['👏', '🎉']) } } }),
  },
  updateContentPolicy: {
    outside: 'for who administers the organization alone; whoever writes learns of it by a refusal',
    call: ({ host, organizationId }, draw) =>
      Promise.resolve({ by: host, variables: { input: { organizationId, allowedHosts: draw.of([[], ['example.org']]) } } }),
  },
};
