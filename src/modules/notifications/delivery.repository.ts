import type { Db, Tx } from '../../persistence/database';
import type { NotificationPort } from './notification.repository';

type OutwardPort = Exclude<NotificationPort, 'IN_APP'>;

/** A delivery that is due and that nobody else tries now. */
export interface ClaimedDelivery {
  readonly notificationId: string;
  readonly userId: string;
  readonly port: OutwardPort;
  /** This one counted. */
  readonly attempts: number;
}

/** What became of a try. Null: it is tried again. */
export type Settlement = 'SENT' | 'FAILED' | 'NOT_NEEDED' | null;

const MAX_ERROR = 300;

export class DeliveryRepository {
  /** What is fresh goes out once more, whatever became of it before. */
  async schedule(tx: Tx, deliveries: readonly { notificationId: string; port: OutwardPort; delayMs: number }[]): Promise<void> {
    if (deliveries.length === 0) return;
    await tx.sql(
      `INSERT INTO notification_deliveries (notification_id, port, next_attempt_at)
       SELECT "notificationId", port, now() + "delayMs" * interval '1 millisecond'
       FROM jsonb_to_recordset($1::jsonb) AS r("notificationId" text, port "NotificationPort", "delayMs" int)
       ON CONFLICT (notification_id, port) DO UPDATE
         SET status = 'PENDING', attempts = 0, next_attempt_at = excluded.next_attempt_at, last_error = NULL, settled_at = NULL`,
      [JSON.stringify(deliveries)],
    );
  }

  /** Takes what is due, so that nobody else does until `pauseMs` has passed for each: a process that dies meanwhile leaves it to the next. */
  claim(db: Db, ports: readonly OutwardPort[], limit: number): Promise<ClaimedDelivery[]> {
    return db.sql<ClaimedDelivery>(
      `UPDATE notification_deliveries d SET attempts = d.attempts + 1, next_attempt_at = now() + ${PAUSE}
       FROM notifications n WHERE n.id = d.notification_id AND (d.notification_id, d.port) IN (
         SELECT notification_id, port FROM notification_deliveries
         WHERE status = 'PENDING' AND next_attempt_at <= now() AND port::text = ANY($1::text[])
         ORDER BY next_attempt_at LIMIT $2 FOR UPDATE SKIP LOCKED)
       RETURNING d.notification_id AS "notificationId", n.user_id AS "userId", d.port, d.attempts`,
      [ports, limit],
    );
  }

  /** Nothing when it was scheduled anew meanwhile. */
  async settle(db: Db, { notificationId, port, attempts }: ClaimedDelivery, settlement: Settlement, error: string | null): Promise<void> {
    await db.sql(
      `UPDATE notification_deliveries SET status = coalesce($4::"DeliveryStatus", status), last_error = $5,
         settled_at = CASE WHEN $4::text IS NOT NULL THEN now() END
       WHERE notification_id = $1 AND port = $2::"NotificationPort" AND attempts = $3 AND status = 'PENDING'`,
      [notificationId, port, attempts, settlement, error?.slice(0, MAX_ERROR) ?? null],
    );
  }
}

/** A minute, then twice as long each time, up to six hours: longer than any try takes. */
const PAUSE = `least(power(2, d.attempts), 360) * interval '1 minute'`;
