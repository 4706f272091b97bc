import type { Db } from '../../persistence/database';
import type { ContentPolicy } from '../../persistence/generated/client';
import { ContentRule, LinkPolicy } from '../../persistence/generated/enums';

export { ContentRule, LinkPolicy };
export type ContentPolicyRecord = Omit<ContentPolicy, 'updatedAt'>;
/** Undefined leaves a value as it is. */
export type ContentPolicyChanges = Partial<Omit<ContentPolicyRecord, 'organizationId'>>;

const COLUMNS = `organization_id AS "organizationId", refused_words AS "refusedWords", held_words AS "heldWords", links,
  allowed_hosts AS "allowedHosts"`;

export class ContentPolicyRepository {
  /** Null where none was ever set: everything is allowed. */
  async find(db: Db, organizationId: string): Promise<ContentPolicyRecord | null> {
    const [policy] = await db.sql<ContentPolicyRecord>(`SELECT ${COLUMNS} FROM content_policies WHERE organization_id = $1`, [
      organizationId,
    ]);
    return policy ?? null;
  }

  async store(db: Db, organizationId: string, changes: ContentPolicyChanges): Promise<ContentPolicyRecord> {
    const { refusedWords, heldWords, links, allowedHosts } = changes;
    const [stored] = await db.sql<ContentPolicyRecord>(
      `INSERT INTO content_policies (organization_id, refused_words, held_words, links, allowed_hosts)
       VALUES ($1, COALESCE($2::text[], '{}'), COALESCE($3::text[], '{}'), COALESCE($4::"LinkPolicy", 'ALLOW'), COALESCE($5::text[], '{}'))
       ON CONFLICT (organization_id) DO UPDATE SET
         refused_words = COALESCE($2::text[], content_policies.refused_words), held_words = COALESCE($3::text[], content_policies.held_words),
         links = COALESCE($4::"LinkPolicy", content_policies.links), allowed_hosts = COALESCE($5::text[], content_policies.allowed_hosts),
         updated_at = now()
       RETURNING ${COLUMNS}`,
      [organizationId, refusedWords ?? null, heldWords ?? null, links ?? null, allowedHosts ?? null],
    );
    if (stored === undefined) throw new Error('A content policy was stored and not answered');
    return stored;
  }
}
