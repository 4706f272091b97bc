import type { Db, SqlValue, Tx } from '../../persistence/database';

export type AuditActorKind = 'user' | 'key' | 'guest' | 'anonymous' | 'system';

export interface NewAuditEntry {
  readonly id: string;
  readonly action: string;
  readonly organizationId: string | null;
  readonly actorId: string | null;
  readonly actorKind: AuditActorKind;
  readonly targetId: string | null;
  readonly address: string | null;
  readonly requestId: string | null;
  readonly details: Readonly<Record<string, unknown>>;
}

export interface AuditEntryRecord extends NewAuditEntry {
  readonly at: Date;
}

export interface AuditKeyset {
  readonly at: Date;
  readonly id: string;
}

/** Null leaves something open. */
export interface AuditSearch {
  readonly organizationId: string | null;
  readonly action: string | null;
  readonly actorId: string | null;
  readonly targetId: string | null;
  /** From this moment on. */
  readonly from: Date | null;
  /** Before this moment. */
  readonly to: Date | null;
  readonly olderThan: AuditKeyset | null;
  readonly limit: number;
}

const COLUMNS = `id, at, action, organization_id AS "organizationId", actor_id AS "actorId", actor_kind AS "actorKind",
  target_id AS "targetId", address, request_id AS "requestId", details`;

export class AuditRepository {
  insert(tx: Tx, entry: NewAuditEntry): void {
    tx.atCommit(
      `INSERT INTO audit_entries (id, action, organization_id, actor_id, actor_kind, target_id, address, request_id, details)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb)`,
      [
        entry.id,
        entry.action,
        entry.organizationId,
        entry.actorId,
        entry.actorKind,
        entry.targetId,
        entry.address,
        entry.requestId,
        JSON.stringify(entry.details),
      ],
    );
  }

  async find(db: Db, id: string): Promise<AuditEntryRecord | null> {
    const [entry] = await db.sql<AuditEntryRecord>(`SELECT ${COLUMNS} FROM audit_entries WHERE id = $1`, [id]);
    return entry ?? null;
  }

  /** Those whose details name the session, by the index on that. */
  listOfSession(db: Db, sessionId: string, limit: number): Promise<AuditEntryRecord[]> {
    return db.sql<AuditEntryRecord>(
      `SELECT ${COLUMNS} FROM audit_entries WHERE details->>'sessionId' = $1 ORDER BY at DESC, id DESC LIMIT $2`,
      [sessionId, limit],
    );
  }

  search(db: Db, search: AuditSearch): Promise<AuditEntryRecord[]> {
    return db.sql<AuditEntryRecord>(...searchStatement(search));
  }
}

/** Only what is asked for is in the statement, so that each question has the index that suits it. */
export function searchStatement(search: AuditSearch): [text: string, values: SqlValue[]] {
  const values: SqlValue[] = [];
  const placeOf = (value: SqlValue): string => `$${values.push(value)}`;
  const conditions = [
    search.organizationId !== null && `organization_id = ${placeOf(search.organizationId)}`,
    search.action !== null && `action = ${placeOf(search.action)}`,
    search.actorId !== null && `actor_id = ${placeOf(search.actorId)}`,
    search.targetId !== null && `target_id = ${placeOf(search.targetId)}`,
    search.from !== null && `at >= ${placeOf(search.from)}`,
    search.to !== null && `at < ${placeOf(search.to)}`,
    search.olderThan !== null && `(at, id) < (${placeOf(search.olderThan.at)}, ${placeOf(search.olderThan.id)})`,
  ].filter((condition) => condition !== false);
  const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
  return [`SELECT ${COLUMNS} FROM audit_entries ${where} ORDER BY at DESC, id DESC LIMIT ${placeOf(search.limit)}`, values];
}
