import type { Database } from '../../src/persistence/database';

/** Everything that migrations make, as comparable lines: columns, constraints, indexes, enums, sequences, table options, policies and functions. */
export async function schemaOf(database: Database): Promise<string[]> {
  const rows = await database.sql<{ line: string }>(`
    WITH ours AS (
      SELECT c.* FROM pg_class c
       WHERE c.relnamespace = current_schema()::regnamespace AND c.relname NOT LIKE '\\_prisma\\_migrations%'
    )
    SELECT format('column %s.%s %s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid)) AS line
      FROM ours c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
     WHERE c.relkind = 'r'
    UNION ALL SELECT format('constraint %s %s', conname, pg_get_constraintdef(con.oid)) FROM pg_constraint con JOIN ours c ON c.oid = con.conrelid
    UNION ALL SELECT format('index %s', indexdef) FROM pg_indexes JOIN ours c ON c.relname = indexname
    UNION ALL SELECT format('relation %s %s %s %s', c.relname, c.relkind, c.relpersistence, c.reloptions) FROM ours c
    UNION ALL SELECT format('enum %s %s', t.typname, string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder))
      FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid WHERE t.typnamespace = current_schema()::regnamespace GROUP BY t.typname
    UNION ALL SELECT format('row security %s %s', c.relname, c.relrowsecurity) FROM ours c WHERE c.relkind = 'r'
    UNION ALL SELECT format('policy %s %s %s %s %s', tablename, policyname, cmd, qual, with_check) FROM pg_policies WHERE schemaname = current_schema()
    UNION ALL SELECT format('function %s', pg_get_functiondef(p.oid)) FROM pg_proc p WHERE p.pronamespace = current_schema()::regnamespace
    ORDER BY 1`);
  return rows.map(({ line }) => line);
}
