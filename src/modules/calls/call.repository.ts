import type { Keyset } from '../../lib/keyset';
import type { Db, SqlValue, Tx } from '../../persistence/database';
import type { Call } from '../../persistence/generated/client';
import { CallEndReason, CallStatus } from '../../persistence/generated/enums';
import type { CallSide, CallState } from './call-state';

export { CallEndReason, CallStatus };

export type CallRecord = Call;

export type NewCall = Pick<CallRecord, 'id' | 'sessionId' | 'callerId' | 'callerName' | 'callerPeer' | 'calleeId' | 'calleeName'> & {
  readonly ringsMs: number;
  /** Whoever cannot be in two calls: users, and guests by their attendee. */
  readonly participants: readonly [caller: string, callee: string];
};

/** A call to end by itself, and why: nobody answered in time, or one side has left the session. */
export interface DueCall {
  readonly call: CallRecord;
  readonly gone: CallSide | null;
}

const NAMES = {
  id: 'id',
  sessionId: 'session_id',
  callerId: 'caller_id',
  callerName: 'caller_name',
  calleeId: 'callee_id',
  calleeName: 'callee_name',
  callerPeer: 'caller_peer',
  calleePeer: 'callee_peer',
  status: 'status',
  endReason: 'end_reason',
  callerHolds: 'caller_holds',
  calleeHolds: 'callee_holds',
  createdAt: 'created_at',
  ringsUntil: 'rings_until',
  answeredAt: 'answered_at',
  endedAt: 'ended_at',
} as const satisfies Readonly<Record<keyof CallRecord, string>>;

const COLUMNS = Object.entries(NAMES)
  .map(([field, column]) => `c.${column} AS "${field}"`)
  .join(', ');

export class CallRepository {
  /**
   * Rings, when neither is in a call; else it is there as one that found somebody BUSY. Of calls to or from one person at the same time
   * one rings: the others wait here until it is known.
   */
  async insert(tx: Tx, call: NewCall): Promise<CallRecord> {
    const rows = await tx.sql<CallRecord>(
      `WITH engaged AS (
         INSERT INTO call_parties (participant_id, call_id) SELECT who, $1 FROM unnest($9::text[]) AS who ORDER BY who
         ON CONFLICT (participant_id) DO NOTHING RETURNING participant_id
       ), free AS (SELECT count(*) = 2 AS are_free FROM engaged),
       c AS (
         INSERT INTO calls (id, session_id, caller_id, caller_name, caller_peer, callee_id, callee_name, rings_until, status, end_reason, ended_at)
         SELECT $1, $2, $3, $4, $5, $6, $7, now() + $8 * interval '1 millisecond',
           CASE WHEN are_free THEN 'RINGING' ELSE 'ENDED' END::"CallStatus", CASE WHEN are_free THEN NULL ELSE 'BUSY' END::"CallEndReason",
           CASE WHEN are_free THEN NULL ELSE now() END
         FROM free RETURNING *
       ) SELECT ${COLUMNS} FROM c`,
      [
        call.id,
        call.sessionId,
        call.callerId,
        call.callerName,
        call.callerPeer,
        call.calleeId,
        call.calleeName,
        call.ringsMs,
        call.participants,
      ],
    );
    return rows[0] as CallRecord;
  }

  /** As if it had never been. */
  async forget(tx: Tx, id: string): Promise<void> {
    await tx.sql('DELETE FROM calls WHERE id = $1', [id]);
  }

  /** The other call that this participant is in. */
  findEngaging(tx: Tx, participantId: string, besides: string): Promise<CallRecord | null> {
    return one(tx, `SELECT ${COLUMNS} FROM calls c JOIN call_parties p ON p.call_id = c.id WHERE p.participant_id = $1 AND c.id <> $2`, [
      participantId,
      besides,
    ]);
  }

  /** Nobody else changes the call until the transaction ends. */
  lock(tx: Tx, id: string): Promise<CallRecord | null> {
    return one(tx, `SELECT ${COLUMNS} FROM calls c WHERE c.id = $1 FOR UPDATE`, [id]);
  }

  /** Of two attendees of one session; null when they are in none with each other. */
  lockBetween(tx: Tx, sessionId: string, one_: string, other: string): Promise<CallRecord | null> {
    return one(
      tx,
      `SELECT ${COLUMNS} FROM calls c
       WHERE c.session_id = $1 AND c.status <> 'ENDED' AND c.caller_id = ANY($2) AND c.callee_id = ANY($2) FOR UPDATE`,
      [sessionId, [one_, other]],
    );
  }

  /** Those that are not over, of one session. */
  lockUnder(tx: Tx, sessionId: string): Promise<CallRecord[]> {
    return tx.sql(`SELECT ${COLUMNS} FROM calls c WHERE c.session_id = $1 AND c.status <> 'ENDED' ORDER BY c.id FOR UPDATE`, [sessionId]);
  }

  /** Those that end by themselves now. What somebody else holds is theirs to end. */
  async lockDue(tx: Tx, limit: number): Promise<DueCall[]> {
    const rows = await tx.sql<CallRecord & { gone: CallSide | null }>(
      `SELECT ${COLUMNS},
         CASE WHEN caller.status <> 'PRESENT' THEN 'caller' WHEN callee.status <> 'PRESENT' THEN 'callee' END AS gone
       FROM calls c JOIN attendees caller ON caller.id = c.caller_id JOIN attendees callee ON callee.id = c.callee_id
       WHERE c.status <> 'ENDED' AND (
         (c.status = 'RINGING' AND c.rings_until <= now()) OR caller.status <> 'PRESENT' OR callee.status <> 'PRESENT')
       ORDER BY c.id LIMIT $1 FOR UPDATE OF c SKIP LOCKED`,
      [limit],
    );
    return rows.map(({ gone, ...call }) => ({ call, gone }));
  }

  /** Of a call that is locked. Who was in it may be in another once it is over. */
  async change(
    tx: Tx,
    id: string,
    { status, endReason, callerHolds, calleeHolds }: CallState,
    answeredBy: string | null,
  ): Promise<CallRecord> {
    const [changed] = await Promise.all([
      one(
        tx,
        `UPDATE calls c SET status = $2::"CallStatus", end_reason = $3::"CallEndReason", caller_holds = $4, callee_holds = $5,
           callee_peer = COALESCE($6, c.callee_peer), answered_at = CASE WHEN $6::text IS NULL THEN c.answered_at ELSE now() END,
           ended_at = CASE WHEN $2::text = 'ENDED' THEN now() END
         WHERE c.id = $1 RETURNING ${COLUMNS}`,
        [id, status, endReason, callerHolds, calleeHolds, answeredBy],
      ),
      status === 'ENDED' ? this.disengage(tx, id) : undefined,
    ]);
    return changed as CallRecord;
  }

  async disengage(tx: Tx, id: string): Promise<void> {
    await tx.sql('DELETE FROM call_parties WHERE call_id = $1', [id]);
  }

  /** Those that an attendee has made or got, newest first. */
  list(db: Db, attendeeId: string, { olderThan, limit }: { olderThan: Keyset | null; limit: number }): Promise<CallRecord[]> {
    const side = (column: string): string =>
      `(SELECT ${COLUMNS} FROM calls c WHERE c.${column} = $1 AND ($2::timestamptz IS NULL OR (c.created_at, c.id) < ($2, $3))
        ORDER BY c.created_at DESC, c.id DESC LIMIT $4)`;
    return db.sql(`${side('caller_id')} UNION ALL ${side('callee_id')} ORDER BY "createdAt" DESC, id DESC LIMIT $4`, [
      attendeeId,
      olderThan?.createdAt ?? null,
      olderThan?.id ?? null,
      limit,
    ]);
  }
}

async function one(db: Db, text: string, values: readonly SqlValue[]): Promise<CallRecord | null> {
  const [call] = await db.sql<CallRecord>(text, values);
  return call ?? null;
}
