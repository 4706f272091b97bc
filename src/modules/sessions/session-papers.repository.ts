import type { Db, Tx } from '../../persistence/database';
import type { Json } from '../../realtime/event';

export interface MetadataRecord {
  readonly metadata: Json;
  readonly version: number;
}

export interface NotesRecord {
  readonly body: string;
  readonly version: number;
  readonly updatedAt: Date | null;
}

const METADATA = 'metadata, metadata_version AS version';
const NOTES = 'notes AS body, notes_version AS version, notes_updated_at AS "updatedAt"';

/** What is kept with a session beside its plain fields. */
export class SessionPapersRepository {
  /** In no order. */
  listMetadata(db: Db, sessionIds: readonly string[]): Promise<(MetadataRecord & { id: string })[]> {
    return db.sql(`SELECT id, ${METADATA} FROM sessions WHERE id = ANY($1)`, [sessionIds]);
  }

  /** Of a session that is held. */
  async readMetadata(tx: Tx, sessionId: string): Promise<MetadataRecord> {
    const [row] = await this.listMetadata(tx, [sessionId]);
    return row as MetadataRecord;
  }

  async writeMetadata(tx: Tx, sessionId: string, metadata: Json): Promise<MetadataRecord> {
    const rows = await tx.sql<MetadataRecord>(
      `UPDATE sessions SET metadata = $2::jsonb, metadata_version = metadata_version + 1 WHERE id = $1 RETURNING ${METADATA}`,
      [sessionId, JSON.stringify(metadata)],
    );
    return rows[0] as MetadataRecord;
  }

  async readNotes(db: Db, sessionId: string): Promise<NotesRecord> {
    const rows = await db.sql<NotesRecord>(`SELECT ${NOTES} FROM sessions WHERE id = $1`, [sessionId]);
    return rows[0] as NotesRecord;
  }

  async writeNotes(tx: Tx, sessionId: string, body: string): Promise<NotesRecord> {
    const rows = await tx.sql<NotesRecord>(
      `UPDATE sessions SET notes = $2, notes_version = notes_version + 1, notes_updated_at = now() WHERE id = $1 RETURNING ${NOTES}`,
      [sessionId, body],
    );
    return rows[0] as NotesRecord;
  }
}
