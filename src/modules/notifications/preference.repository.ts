import type { Db } from '../../persistence/database';
import type { PreferenceRecord } from './notification-defaults';

export class PreferenceRepository {
  /** What each of them has chosen; who has chosen nothing is left out. */
  async listOf(db: Db, userIds: readonly string[]): Promise<ReadonlyMap<string, PreferenceRecord[]>> {
    const rows = await db.sql<PreferenceRecord & { userId: string }>(
      `SELECT user_id AS "userId", type, port, enabled FROM notification_preferences WHERE user_id = ANY($1)`,
      [userIds],
    );
    const byUser = new Map<string, PreferenceRecord[]>();
    for (const { userId, ...preference } of rows) byUser.set(userId, [...(byUser.get(userId) ?? []), preference]);
    return byUser;
  }

  async set(db: Db, userId: string, { type, port, enabled }: PreferenceRecord): Promise<void> {
    await db.sql(
      `INSERT INTO notification_preferences (user_id, type, port, enabled) VALUES ($1, $2::"NotificationType", $3::"NotificationPort", $4)
       ON CONFLICT (user_id, type, port) DO UPDATE SET enabled = excluded.enabled`,
      [userId, type, port, enabled],
    );
  }
}
