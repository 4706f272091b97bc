import type { DomainError } from '../../errors/domain-error';
import { tooManyEmoji } from './message.errors';

/** What people answer a message with, in the order in which each emoji came first. */
export type Tallies = readonly ReactionTally[];

/** An alias, not an interface, so that it counts as JSON. */
export type ReactionTally = { readonly emoji: string; readonly count: number };

/** Different emoji on one message, at most. */
export const MAX_EMOJI = 20;

/** One person's reaction to one message. */
export interface Reaction {
  readonly messageId: string;
  readonly participantId: string;
  readonly emoji: string;
}

/** A reaction as somebody wants it: there, or not. */
export interface ReactionChange extends Reaction {
  readonly reacted: boolean;
}

export interface ReactionPlan {
  readonly added: readonly Reaction[];
  readonly removed: readonly Reaction[];
  /** Of the messages that come to something else than before. */
  readonly tallies: ReadonlyMap<string, Tallies>;
  /** For each change why it is refused; null when it is done, or was already. */
  readonly refusals: readonly (DomainError | null)[];
}

/** What changes, one after another, make of what is there: of the messages' tallies, and of those of the changes' reactions that exist. */
export function planReactions(
  changes: readonly ReactionChange[],
  before: { readonly tallies: ReadonlyMap<string, Tallies>; readonly reactions: readonly Reaction[] },
): ReactionPlan {
  const existing = new Set(before.reactions.map(keyOf));
  const wanted = new Map<string, ReactionChange>();
  const tallies = new Map(before.tallies);
  const refusals = changes.map((change) => {
    const key = keyOf(change);
    const { messageId, emoji, reacted } = change;
    if (reacted === (wanted.get(key)?.reacted ?? existing.has(key))) return null;
    const after = counted(tallies.get(messageId) ?? [], emoji, reacted ? 1 : -1);
    if (after.length > MAX_EMOJI) return tooManyEmoji(MAX_EMOJI);
    tallies.set(messageId, after);
    wanted.set(key, change);
    return null;
  });
  const changed = [...wanted.values()].filter((change) => change.reacted !== existing.has(keyOf(change)));
  const touched = new Set(changed.map(({ messageId }) => messageId));
  return {
    added: changed.filter(({ reacted }) => reacted),
    removed: changed.filter(({ reacted }) => !reacted),
    tallies: new Map([...tallies].filter(([messageId]) => touched.has(messageId))),
    refusals,
  };
}

function counted(tallies: Tallies, emoji: string, by: 1 | -1): Tallies {
  if (!tallies.some((tally) => tally.emoji === emoji)) return [...tallies, { emoji, count: by }];
  return tallies.map((tally) => (tally.emoji === emoji ? { emoji, count: tally.count + by } : tally)).filter(({ count }) => count > 0);
}

function keyOf({ messageId, participantId, emoji }: Reaction): string {
  return `${messageId} ${participantId} ${emoji}`;
}
