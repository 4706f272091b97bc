import type { Keyset } from '../../lib/keyset';
import type { Db } from '../../persistence/database';
import type { ChannelRecord } from '../channels';
import { MAX_UNREAD } from './message.repository';

/** More messages than this are not counted one by one. */
export const MAX_RATE = 100_000;
/** Of how many members the backlog is looked at: those who have read least. */
export const MAX_LAGGARDS = 10;

/** What goes on in a channel, as far as the database knows. */
export interface ChannelTraffic extends Pick<ChannelRecord, 'id' | 'name' | 'type' | 'createdAt'> {
  readonly archivedAt: Date | null;
  readonly members: number;
  readonly lastMinute: number;
  readonly lastHour: number;
  readonly lastMessageAt: Date | null;
  readonly backlog: number;
}

export class MonitorRepository {
  /** An organization's channels but those of sessions, newest first. */
  list(db: Db, organizationId: string, olderThan: Keyset | null, limit: number): Promise<ChannelTraffic[]> {
    return db.sql(
      `SELECT c.id, c.name, c.type, c.created_at AS "createdAt", c.archived_at AS "archivedAt",
         (SELECT count(*)::int FROM channel_members m WHERE m.channel_id = c.id) AS members,
         ${writtenWithin('1 minute')} AS "lastMinute", ${writtenWithin('1 hour')} AS "lastHour",
         (SELECT m.created_at FROM messages m WHERE m.channel_id = c.id ORDER BY m."offset" DESC LIMIT 1) AS "lastMessageAt",
         ${BACKLOG} AS backlog
       FROM channels c
       WHERE c.organization_id = $1 AND c.session_id IS NULL AND ($2::timestamptz IS NULL OR (c.created_at, c.id) < ($2, $3))
       ORDER BY c.created_at DESC, c.id DESC LIMIT $4`,
      [organizationId, olderThan?.createdAt ?? null, olderThan?.id ?? null, limit],
    );
  }
}

function writtenWithin(interval: string): string {
  return `(SELECT count(*)::int FROM (
    SELECT 1 FROM messages m WHERE m.channel_id = c.id AND m.created_at > now() - interval '${interval}' LIMIT ${MAX_RATE}) AS written)`;
}

/** What the member with most of it has not read: asked of those who have read least, for the least need not be it. */
const BACKLOG = `(SELECT COALESCE(max(lag.unread), 0) FROM (
    SELECT m.user_id, COALESCE(r."offset", 0) AS read FROM channel_members m
    LEFT JOIN read_markers r ON r.channel_id = m.channel_id AND r.participant_id = m.user_id
    WHERE m.channel_id = c.id ORDER BY 2 LIMIT ${MAX_LAGGARDS}) AS laggard
  CROSS JOIN LATERAL (SELECT count(*)::int AS unread FROM (
    SELECT 1 FROM messages u WHERE u.channel_id = c.id AND u.sender_id <> laggard.user_id AND u.deleted_at IS NULL AND u."offset" > laggard.read
    ORDER BY u."offset" LIMIT ${MAX_UNREAD}) AS unread_messages) AS lag)`;
