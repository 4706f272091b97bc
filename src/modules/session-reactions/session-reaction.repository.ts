import type { Db } from '../../persistence/database';
import type { SessionReaction } from '../../persistence/generated/client';

/** How often each emoji was sent. */
export type ReactionTotals = Readonly<Record<string, number>>;

export class SessionReactionRepository {
  /** Adds to the totals and answers all of the session's. */
  async add(db: Db, sessionId: string, counts: ReactionTotals): Promise<ReactionTotals> {
    await db.sql(
      `INSERT INTO session_reactions (session_id, emoji, total)
       SELECT $1, emoji, n FROM unnest($2::text[], $3::int[]) AS c(emoji, n) ORDER BY emoji
       ON CONFLICT (session_id, emoji) DO UPDATE SET total = session_reactions.total + excluded.total`,
      [sessionId, Object.keys(counts), Object.values(counts)],
    );
    return this.total(db, sessionId);
  }

  async total(db: Db, sessionId: string): Promise<ReactionTotals> {
    const rows = await db.sql<Pick<SessionReaction, 'emoji' | 'total'>>(
      'SELECT emoji, total FROM session_reactions WHERE session_id = $1 ORDER BY emoji',
      [sessionId],
    );
    return Object.fromEntries(rows.map(({ emoji, total }) => [emoji, total]));
  }
}
