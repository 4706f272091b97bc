import type { Draw } from './draw';
import type { Questions } from './questions.part';
import type { Call, Rows } from './row';
import type { World } from './world';

/** What those who keep order do to a question. */
const byModerator =
  (rest: (draw: Draw) => Record<string, unknown> = () => ({})) =>
  async (world: World, draw: Draw): Promise<Call> => ({
    by: draw.of([world.host, world.moderator]),
    variables: { input: { questionId: (await world.question(draw)).id, ...rest(draw) } },
  });

/** The same, to one that waits for approval. */
const ofPending =
  (rest: Record<string, unknown> = {}) =>
  async (world: World, draw: Draw): Promise<Call> => {
    const approve = (questionApproval: boolean): Promise<unknown> =>
      world.run(world.host, 'updateSessionSettings', { input: { sessionId: world.session.id, questionApproval } });
    await approve(true).catch(() => undefined);
    const { id } = await draw.among(world.questions, () => world.ask(draw, world.guest));
    await approve(false).catch(() => undefined);
    return { by: draw.of([world.host, world.moderator]), variables: { input: { questionId: id, ...rest } } };
  };

export const questionRows: Rows = {
  askQuestion: {
    changes: ['questions'],
    call: async ({ participants, session }, draw) => ({
      by: draw.of(participants),
      variables: { input: { sessionId: session.id, body: draw.text(), anonymous: draw.nat(3) === 0 } },
    }),
  },
  editQuestion: {
    changes: ['questions'],
    call: async (world, draw) => {
      const { id, by } = await world.question(draw);
      return { by: draw.of([by, world.moderator]), variables: { input: { questionId: id, body: draw.text() } } };
    },
  },
  withdrawQuestion: {
    changes: ['questions'],
    call: async (world, draw) => {
      const { id, by } = await world.question(draw);
      return { by, variables: { input: { questionId: id } } };
    },
  },
  voteQuestion: {
    changes: ['questions'],
    answer: {
      part: 'questions',
      select: 'question { id viewerVote }',
      apply: (state: Questions, { question: { id, viewerVote } }: { question: { id: string; viewerVote: string } }) => ({
        ...state,
        questions: state.questions.map((one) => (one.id === id ? { ...one, viewerVote } : one)),
      }),
    },
    call: async (world, draw) => ({
      by: draw.of(world.participants),
      variables: { input: { questionId: (await world.question(draw)).id, value: draw.of(['UP', 'UP', 'DOWN']) } },
    }),
  },
  answerQuestion: { changes: ['questions'], call: byModerator((draw) => ({ answer: draw.of([draw.text(), null]) })) },
  markAnsweredLive: { changes: ['questions'], call: byModerator() },
  hideQuestion: { changes: ['questions'], call: byModerator() },
  pinQuestion: { changes: ['questions'], call: byModerator() },
  unpinQuestion: {
    changes: ['questions'],
    call: async (world, draw) => {
      const input = { questionId: (await world.question(draw)).id };
      await world.run(world.host, 'pinQuestion', { input }).catch(() => undefined);
      return { by: draw.of([world.host, world.moderator]), variables: { input } };
    },
  },
  deleteQuestion: { changes: ['questions'], call: byModerator() },
  approveQuestion: { changes: ['questions'], call: ofPending() },
  rejectQuestion: { changes: ['questions'], call: ofPending({ reason: 'Not for here.' }) },
  mergeQuestions: {
    changes: ['questions'],
    call: async (world, draw) => {
      const [into, from] = [await world.question(draw), await world.question(draw)];
      for (const [by, { id: questionId }] of [
        [world.attendee, from] as const,
        [world.guest, from] as const,
        [world.guest, into] as const,
      ]) {
        await world.run(by, 'voteQuestion', { input: { questionId, value: draw.of(['UP', 'DOWN']) } }).catch(() => undefined);
      }
      return { by: world.host, variables: { input: { intoId: into.id, fromId: from.id } } };
    },
  },
  resetVotes: {
    changes: ['questions'],
    call: async (world, draw) => {
      const input = { questionId: (await world.question(draw)).id };
      await world.run(world.attendee, 'voteQuestion', { input: { ...input, value: 'UP' } }).catch(() => undefined);
      return { by: world.host, variables: { input } };
    },
  },
  reportQuestion: {
    changes: ['reports'],
    call: async (world, draw) => ({
      by: draw.of([world.attendee, world.guest]),
      variables: { input: { questionId: (await world.question(draw)).id, reason: draw.of(['SPAM', 'ABUSE', 'OTHER']) } },
    }),
  },
  dismissReports: {
    changes: ['reports'],
    call: async (world, draw) => {
      const input = { questionId: (await world.question(draw)).id };
      await world.run(world.guest, 'reportQuestion', { input: { ...input, reason: 'SPAM' } }).catch(() => undefined);
      return { by: world.moderator, variables: { input } };
    },
  },
};
