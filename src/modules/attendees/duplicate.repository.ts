import type { Tx } from '../../persistence/database';
import type { Arrival, AttendeeRecord } from './attendee.repository';
import { COLUMNS } from './attendee.repository';

/** The same person twice, as far as anybody can tell. */
export class DuplicateRepository {
  /** Another guest who is PRESENT with the e-mail address that this one gives, or once gave. */
  async findGuest(tx: Tx, sessionId: string, { id, email }: Pick<Arrival, 'id' | 'email'>): Promise<AttendeeRecord | null> {
    const [guest] = await tx.sql<AttendeeRecord>(
      `SELECT ${COLUMNS} FROM attendees
       WHERE session_id = $1 AND email = COALESCE($3, (SELECT email FROM attendees WHERE id = $2))
         AND id <> $2 AND user_id IS NULL AND status = 'PRESENT' ORDER BY joined_at DESC, id LIMIT 1`,
      [sessionId, id, email ?? null],
    );
    return guest ?? null;
  }

  /** Whether they came in by another device: and, for so long after that, or while that is connected, are held to be there. */
  async isElsewhere(tx: Tx, attendeeId: string, device: string | null, graceMs: number): Promise<{ elsewhere: boolean; held: boolean }> {
    const [row] = await tx.sql<{ elsewhere: boolean; held: boolean }>(
      `SELECT device IS DISTINCT FROM $2 AS elsewhere,
         joined_at > now() - $3 * interval '1 millisecond' OR EXISTS (SELECT 1 FROM attendee_connections WHERE attendee_id = id) AS held
       FROM attendees WHERE id = $1`,
      [attendeeId, device, graceMs],
    );
    return row ?? { elsewhere: false, held: false };
  }
}
