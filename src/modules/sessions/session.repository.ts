import type { Db, SqlValue, Tx } from '../../persistence/database';
import { isExclusionViolation } from '../../persistence/database';
import type { Session } from '../../persistence/generated/client';
import {
  AttendeesVisible,
  DuplicateIdentity,
  MediaMode,
  PresentingRule,
  SessionEndReason,
  SessionKind,
  SessionMedium,
  SessionStatus,
} from '../../persistence/generated/enums';
import { advisorBooked } from './booking.errors';
import { SELECTED_SETTINGS, SETTING_COLUMNS, settingAssignments, settingValues } from './session-settings.repository';
import type { SessionSettings } from './session-settings.repository';

export { AttendeesVisible, DuplicateIdentity, MediaMode, PresentingRule, SessionEndReason, SessionKind, SessionMedium, SessionStatus };
export type { SessionSettings } from './session-settings.repository';

/** Kept in the row, and read by who asks for it: a row that comes back with every join, and goes into every event, stays small. */
type KeptApart = 'metadata' | 'metadataVersion' | 'notes' | 'notesVersion' | 'notesUpdatedAt';
type Bookkeeping = 'desertedSince' | 'bookingGuarded' | 'clientId' | 'clientDigest';

export type SessionRecord = Omit<Session, KeptApart | Bookkeeping | 'pausedMs'> & { readonly pausedMs: number };

/** When it is meant to be: instants, and the zone in which people mean to read them. A CALL that has a beginning has an end. */
export type Schedule = Pick<SessionRecord, 'scheduledFor' | 'scheduledEndAt' | 'timeZone'>;

/** What the host lets happen in a session. */

type Given = 'id' | 'organizationId' | 'hostId' | 'code' | 'title' | 'description' | 'kind' | 'medium' | 'capacity' | 'advisorId';

export type NewSession = Pick<SessionRecord, Given | 'ratePerMinuteMinor' | 'currency'> & Schedule & Retry;

/** What makes a retry of making a session harmless. */
export interface Retry {
  readonly clientId: string | null;
  readonly clientDigest: string | null;
}

/** Undefined leaves a value as it is. */
export type SessionChanges = Partial<
  Pick<SessionRecord, 'title' | 'description' | 'capacity'> & { readonly schedule: Schedule } & SessionSettings
>;

export interface Move {
  readonly id: string;
  readonly from: readonly SessionStatus[];
  readonly to: SessionStatus;
  readonly endReason: SessionEndReason | null;
}

export enum SessionOrder {
  NEWEST = 'NEWEST',
  SCHEDULE = 'SCHEDULE',
}

/** A place in a list of either order: the time it goes by, then the id. */
export interface ListPlace {
  readonly at: Date;
  readonly id: string;
}

export interface SessionSearch {
  readonly hostId: string | null;
  readonly organizationIds: readonly string[];
  readonly ids: readonly string[];
  /** None but of this organization; null: of any. */
  readonly within: string | null;
  readonly status?: readonly SessionStatus[] | null;
  readonly kind?: SessionKind | null;
  /** Meant to begin from the first on, and before the second. */
  readonly scheduledFrom?: Date | null;
  readonly scheduledBefore?: Date | null;
  readonly order?: SessionOrder;
  readonly beyond: ListPlace | null;
  readonly limit: number;
}

/** What can be told of a session's progress from one row. */
export type SessionProgress = Pick<
  SessionRecord,
  'id' | 'hostId' | 'organizationId' | 'status' | 'startedAt' | 'endedAt' | 'pausedAt' | 'pausedMs' | 'attendeeCount' | 'capacity'
> & {
  /** The time between its beginning and now, or its end, without pauses; by the database's clock. */
  readonly activeMs: number;
};

const COLUMNS = `id, organization_id AS "organizationId", host_id AS "hostId", code, title, description, kind, medium, status,
  scheduled_for AS "scheduledFor", scheduled_end_at AS "scheduledEndAt", time_zone AS "timeZone",
  started_at AS "startedAt", ended_at AS "endedAt", end_reason AS "endReason",
  paused_at AS "pausedAt", paused_ms AS "pausedMs", deleted_at AS "deletedAt",
  capacity, attendee_count AS "attendeeCount",
  advisor_id AS "advisorId", rate_per_minute_minor AS "ratePerMinuteMinor", currency,
  media_mode AS "mediaMode", ${SELECTED_SETTINGS}, created_at AS "createdAt"`;

const THERE = 'deleted_at IS NULL';

export class SessionRepository {
  /** Null when the code is taken. Throws CONFLICT ADVISOR_BOOKED. */
  insert(tx: Tx, session: NewSession): Promise<SessionRecord | null> {
    return guarded(
      one(
        tx,
        `INSERT INTO sessions (id, organization_id, host_id, code, title, description, kind, medium, scheduled_for, scheduled_end_at, time_zone,
                               capacity, advisor_id, rate_per_minute_minor, currency, client_id, client_digest)
         VALUES ($1, $2, $3, $4, $5, $6, $7::"SessionKind", $8::"SessionMedium", $9, $10, $11, $12, $13, $14, $15, $16, $17)
         ON CONFLICT (code) DO NOTHING RETURNING ${COLUMNS}`,
        [
          session.id,
          session.organizationId,
          session.hostId,
          session.code,
          session.title,
          session.description,
          session.kind,
          session.medium,
          session.scheduledFor,
          session.scheduledEndAt,
          session.timeZone,
          session.capacity,
          session.advisorId,
          session.ratePerMinuteMinor,
          session.currency,
          session.clientId,
          session.clientDigest,
        ],
      ),
    );
  }

  /** Gives one session the settings and the metadata of another. */
  async copySettings(tx: Tx, from: string, to: string): Promise<SessionRecord> {
    const copy = await one(
      tx,
      `UPDATE sessions SET (${SETTING_COLUMNS}, metadata) = (SELECT ${SETTING_COLUMNS}, metadata FROM sessions WHERE id = $1)
       WHERE id = $2 RETURNING ${COLUMNS}`,
      [from, to],
    );
    return copy as SessionRecord;
  }

  /** What this host has made under this id, with the digest of what was asked; whoever asks next for the same waits. */
  async lockMade(tx: Tx, hostId: string, clientId: string): Promise<{ session: SessionRecord; clientDigest: string } | null> {
    await tx.sql('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))::text', [`session:${hostId}:${clientId}`]);
    const [made] = await tx.sql<SessionRecord & { clientDigest: string }>(
      `SELECT ${COLUMNS}, client_digest AS "clientDigest" FROM sessions WHERE host_id = $1 AND client_id = $2`,
      [hostId, clientId],
    );
    if (made === undefined) return null;
    const { clientDigest, ...session } = made;
    return { session, clientDigest };
  }

  /** One at a time books this advisor: two that wait for each other's row would be a deadlock, which takes a second to be found. */
  async lockAdvisor(tx: Tx, advisorId: string): Promise<void> {
    await tx.sql('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))::text', [`advisor:${advisorId}`]);
  }

  find(db: Db, id: string): Promise<SessionRecord | null> {
    return one(db, `SELECT ${COLUMNS} FROM sessions WHERE id = $1 AND ${THERE}`, [id]);
  }

  /** In no order. One statement, by primary key. */
  listProgress(db: Db, ids: readonly string[]): Promise<SessionProgress[]> {
    return db.sql(
      `SELECT id, host_id AS "hostId", organization_id AS "organizationId", status, started_at AS "startedAt", ended_at AS "endedAt",
         paused_at AS "pausedAt", paused_ms AS "pausedMs", attendee_count AS "attendeeCount", capacity,
         CASE WHEN started_at IS NULL THEN 0
           ELSE (extract(epoch FROM COALESCE(ended_at, paused_at, clock_timestamp()) - started_at) * 1000)::int8 - paused_ms END AS "activeMs"
       FROM sessions WHERE id = ANY($1) AND ${THERE}`,
      [ids],
    );
  }

  findByCode(db: Db, code: string): Promise<SessionRecord | null> {
    return one(db, `SELECT ${COLUMNS} FROM sessions WHERE code = $1 AND ${THERE}`, [code]);
  }

  /** Nobody else changes the session until the transaction ends; readers and foreign keys are not held up. */
  lock(tx: Tx, id: string): Promise<SessionRecord | null> {
    return one(tx, `SELECT ${COLUMNS} FROM sessions WHERE id = $1 AND ${THERE} FOR NO KEY UPDATE`, [id]);
  }

  lockByCode(tx: Tx, code: string): Promise<SessionRecord | null> {
    return one(tx, `SELECT ${COLUMNS} FROM sessions WHERE code = $1 AND ${THERE} FOR NO KEY UPDATE`, [code]);
  }

  /** The session stays as it is until the transaction ends, but others may hold it like this too. */
  lockShared(tx: Tx, id: string): Promise<SessionRecord | null> {
    return one(tx, `SELECT ${COLUMNS} FROM sessions WHERE id = $1 AND ${THERE} FOR SHARE`, [id]);
  }

  /**
   * Of two commands at once one finds the status it needs, the other finds the row changed: null. Who is over has no seats taken. A pause
   * counts from the command that began it to the one that ended it.
   */
  transition(tx: Tx, { id, from, to, endReason }: Move): Promise<SessionRecord | null> {
    return one(
      tx,
      `UPDATE sessions SET status = $3::"SessionStatus",
         started_at = CASE WHEN $3::text = 'LIVE' THEN COALESCE(started_at, now()) ELSE started_at END,
         ended_at = CASE WHEN $3::text IN ('COMPLETED', 'CANCELLED') THEN now() ELSE ended_at END,
         paused_at = CASE WHEN $3::text = 'PAUSED' THEN now() END,
         paused_ms = paused_ms + COALESCE((extract(epoch FROM now() - paused_at) * 1000)::int8, 0),
         attendee_count = CASE WHEN $3::text IN ('COMPLETED', 'CANCELLED') THEN 0 ELSE attendee_count END,
         end_reason = $4::"SessionEndReason"
       WHERE id = $1 AND ${THERE} AND status = ANY($2::"SessionStatus"[]) RETURNING ${COLUMNS}`,
      [id, from, to, endReason],
    );
  }

  /** Null when it is deleted already. */
  markDeleted(tx: Tx, id: string): Promise<SessionRecord | null> {
    return one(tx, `UPDATE sessions SET deleted_at = now() WHERE id = $1 AND ${THERE} RETURNING ${COLUMNS}`, [id]);
  }

  /**
   * Null when it is not in one of these statuses, or more people are in it than the capacity allows. Throws CONFLICT ADVISOR_BOOKED when a
   * call would be at the time of another.
   */
  update(tx: Tx, id: string, changes: SessionChanges, within: readonly SessionStatus[]): Promise<SessionRecord | null> {
    const { title, description, schedule, capacity } = changes;
    return guarded(
      one(
        tx,
        `UPDATE sessions SET title = COALESCE($3, title), capacity = COALESCE($4::int, capacity),
           description = CASE WHEN $5::boolean THEN $6 ELSE description END,
           scheduled_for = CASE WHEN $7::boolean THEN $8::timestamptz ELSE scheduled_for END,
           scheduled_end_at = CASE WHEN $7::boolean THEN $9::timestamptz ELSE scheduled_end_at END,
           time_zone = CASE WHEN $7::boolean THEN $10 ELSE time_zone END,
           booking_guarded = booking_guarded OR $7::boolean,
           ${settingAssignments(11)}
         WHERE id = $1 AND ${THERE} AND status = ANY($2::"SessionStatus"[]) AND attendee_count <= COALESCE($4::int, capacity)
         RETURNING ${COLUMNS}`,
        [
          id,
          within,
          title ?? null,
          capacity ?? null,
          description !== undefined,
          description ?? null,
          schedule !== undefined,
          schedule?.scheduledFor ?? null,
          schedule?.scheduledEndAt ?? null,
          schedule?.timeZone ?? null,
          ...settingValues(changes),
        ],
      ),
    );
  }

  /** Null when all seats are taken. */
  takeSeat(tx: Tx, id: string): Promise<SessionRecord | null> {
    return one(
      tx,
      `UPDATE sessions SET attendee_count = attendee_count + 1 WHERE id = $1 AND attendee_count < capacity RETURNING ${COLUMNS}`,
      [id],
    );
  }

  /** Null when it is so already. */
  setMediaMode(tx: Tx, id: string, mode: MediaMode): Promise<SessionRecord | null> {
    return one(
      tx,
      `UPDATE sessions SET media_mode = $2::"MediaMode" WHERE id = $1 AND media_mode <> $2::"MediaMode" RETURNING ${COLUMNS}`,
      [id, mode],
    );
  }

  /** Takes so many seats that are known to be free, or gives them back when negative. Null when it would be too many, or too few. */
  moveSeats(tx: Tx, id: string, seats: number): Promise<SessionRecord | null> {
    return one(
      tx,
      `UPDATE sessions SET attendee_count = attendee_count + $2::int
       WHERE id = $1 AND attendee_count + $2::int BETWEEN 0 AND capacity RETURNING ${COLUMNS}`,
      [id, seats],
    );
  }

  /** How many the organization has in these statuses. */
  async count(db: Db, organizationId: string, status: readonly SessionStatus[]): Promise<number> {
    const [row] = await db.sql<{ count: number }>(
      `SELECT count(*) AS count FROM sessions WHERE organization_id = $1 AND status = ANY($2::"SessionStatus"[]) AND ${THERE}`,
      [organizationId, status],
    );
    return row?.count ?? 0;
  }

  search(db: Db, search: SessionSearch): Promise<SessionRecord[]> {
    return db.sql(...searchStatement(search));
  }
}

const WALKS: Readonly<Record<SessionOrder, { readonly time: string; readonly beyond: string; readonly direction: string }>> = {
  NEWEST: { time: 'created_at', beyond: '<', direction: 'DESC' },
  SCHEDULE: { time: 'scheduled_for', beyond: '>', direction: 'ASC' },
};

/** The statement behind `search`. Each way to a session is walked along its index, as far as the page reaches, and then they are joined. */
export function searchStatement(search: SessionSearch): [text: string, values: SqlValue[]] {
  const { hostId, organizationIds, ids, within, status, kind, scheduledFrom, scheduledBefore, beyond, limit } = search;
  const { time, beyond: comparison, direction } = WALKS[search.order ?? SessionOrder.NEWEST];
  const values: SqlValue[] = [];
  const place = (value: SqlValue): string => `$${values.push(value)}`;
  const most = place(limit);
  const narrowed = [
    THERE,
    `${time} IS NOT NULL`,
    within !== null && `organization_id = ${place(within)}`,
    status && `status = ANY(${place(status)}::"SessionStatus"[])`,
    kind && `kind = ${place(kind)}::"SessionKind"`,
    scheduledFrom && `scheduled_for >= ${place(scheduledFrom)}::timestamptz`,
    scheduledBefore && `scheduled_for < ${place(scheduledBefore)}::timestamptz`,
    beyond && `(${time}, id) ${comparison} (${place(beyond.at)}::timestamptz, ${place(beyond.id)})`,
  ].filter((condition) => typeof condition === 'string');
  const order = `${time} ${direction}, id ${direction}`;
  const walk = (way: string): string =>
    `(SELECT id, ${time} FROM sessions WHERE ${way} AND ${narrowed.join(' AND ')} ORDER BY ${order} LIMIT ${most})`;
  const ways = [
    ...(hostId === null ? [] : [walk(`host_id = ${place(hostId)}`)]),
    `(SELECT found.* FROM unnest(${place(organizationIds)}::text[]) AS home, LATERAL ${walk('organization_id = home')} AS found)`,
    walk(`id = ANY(${place(ids)})`),
  ];
  const text = `SELECT ${COLUMNS} FROM sessions
    WHERE id IN (SELECT id FROM (${ways.join(' UNION ')}) AS ways ORDER BY ${order} LIMIT ${most}) ORDER BY ${order}`;
  return [text, values];
}

async function one(db: Db, text: string, values: readonly SqlValue[]): Promise<SessionRecord | null> {
  const [session] = await db.sql<SessionRecord>(text, values);
  return session ?? null;
}

async function guarded<T>(writing: Promise<T>): Promise<T> {
  try {
    return await writing;
  } catch (error) {
    throw isExclusionViolation(error, 'sessions_advisor_booked') ? advisorBooked() : error;
  }
}
