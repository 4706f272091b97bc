import fc from 'fast-check';
import type { Reaction, ReactionChange, Tallies } from '../../../src/modules/messages/reaction-batch';
import { MAX_EMOJI, planReactions } from '../../../src/modules/messages/reaction-batch';

const NOTHING = { tallies: new Map<string, Tallies>(), reactions: [] };
const change = (participantId: string, emoji: string, reacted = true, messageId = 'msg'): ReactionChange => ({
  messageId,
  participantId,
  emoji,
  reacted,
});

describe('a batch of reactions', () => {
  it('counts people, in the order in which each emoji came first', () => {
    const { added, removed, tallies, refusals } = planReactions([change('a', '👍'), change('b', '🎉'), change('c', '👍')], NOTHING);
    expect(tallies).toEqual(
      new Map([
        [
          'msg',
          [
            { emoji: '👍', count: 2 },
            { emoji: '🎉', count: 1 },
          ],
        ],
      ]),
    );
    expect([added.length, removed.length, refusals]).toEqual([3, 0, [null, null, null]]);
  });

  it('does nothing twice', () => {
    const before = { tallies: new Map([['msg', [{ emoji: '👍', count: 1 }]]]), reactions: [change('a', '👍')] };
    const { added, removed, tallies, refusals } = planReactions([change('a', '👍'), change('b', '👍', false)], before);
    expect([added, removed, tallies.size, refusals]).toEqual([[], [], 0, [null, null]]);
  });

  it('comes to nothing when it is taken back in the same batch', () => {
    const { added, removed, tallies } = planReactions([change('a', '👍'), change('a', '👍', false)], NOTHING);
    expect([added, removed, tallies.size]).toEqual([[], [], 0]);
  });

  it('refuses one emoji too many, alone, until another has gone', () => {
    const full = Array.from({ length: MAX_EMOJI }, (_, n) => change('a', String(n)));
    const { refusals } = planReactions(
      [...full, change('b', 'more'), change('b', '0'), change('a', '1', false), change('b', 'more')],
      NOTHING,
    );
    expect(refusals.map((refusal) => refusal?.reason ?? null)).toEqual([...full.map(() => null), 'TOO_MANY_EMOJI', null, null, null]);
  });

  it('keeps messages apart', () => {
    const { tallies } = planReactions([change('a', '👍', true, 'one'), change('a', '👍', true, 'two')], NOTHING);
    expect([...tallies.keys()]).toEqual(['one', 'two']);
  });

  it('leaves tallies that count the reactions there are, whatever is done, in however many batches', () => {
    const one = fc.record({
      messageId: fc.constantFrom('m', 'n'),
      participantId: fc.constantFrom('a', 'b', 'c'),
      emoji: fc.constantFrom('x', 'y'),
      reacted: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(fc.array(one, { maxLength: 6 }), { maxLength: 6 }), (batches) => {
        let reactions: Reaction[] = [];
        const tallies = new Map<string, Tallies>();
        for (const batch of batches) {
          const plan = planReactions(batch, { tallies, reactions });
          const gone = new Set(plan.removed.map(keyOf));
          reactions = [...reactions.filter((reaction) => !gone.has(keyOf(reaction))), ...plan.added];
          for (const [messageId, after] of plan.tallies) tallies.set(messageId, after);
        }
        expect(new Set(reactions.map(keyOf)).size).toBe(reactions.length);
        for (const messageId of ['m', 'n']) {
          const counted = Object.fromEntries((tallies.get(messageId) ?? []).map(({ emoji, count }) => [emoji, count]));
          const wanted: Record<string, number> = {};
          for (const { emoji } of reactions.filter((reaction) => reaction.messageId === messageId))
            wanted[emoji] = (wanted[emoji] ?? 0) + 1;
          expect(counted).toEqual(wanted);
        }
      }),
    );
  });
});

function keyOf({ messageId, participantId, emoji }: Reaction): string {
  return `${messageId} ${participantId} ${emoji}`;
}
