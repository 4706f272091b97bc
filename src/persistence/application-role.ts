import type { Db, ExclusiveConnection } from './database';
import { SqlError } from './sql-error';

/** What the application runs as unless another name is set. */
export const DEFAULT_ROLE = 'parley_app';

/** Roles belong to the whole server: somebody in another database may make it at the same moment. */
const MADE_MEANWHILE = ['42710', '23505'];

/** Makes the role, which owns nothing and which nobody signs in as, unless it is there. Throws 42501 when that is not allowed here. */
export async function createRole(db: Db, role: string): Promise<void> {
  const found = await db.sql('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
  if (found.length > 0) return;
  try {
    await db.sql(`CREATE ROLE "${role}" NOLOGIN ROLE CURRENT_USER`);
  } catch (error) {
    if (!(error instanceof SqlError) || !MADE_MEANWHILE.includes(error.state)) throw error;
  }
}

/** Lets the role use every table there is, and change none of them. Safe to repeat. */
export async function grantTables(connection: ExclusiveConnection, role: string): Promise<void> {
  await connection.transaction(async (tx) => {
    const [schema] = await tx.sql<{ name: string }>('SELECT quote_ident(current_schema()) AS name');
    if (schema === undefined) throw new Error('The connection has no schema.');
    await tx.script(`
      GRANT USAGE ON SCHEMA ${schema.name} TO "${role}";
      GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema.name} TO "${role}";
      GRANT USAGE ON ALL SEQUENCES IN SCHEMA ${schema.name} TO "${role}";
      REVOKE INSERT, UPDATE, DELETE ON _prisma_migrations FROM "${role}";`);
  });
}

/** Whether row security binds whoever this database is used as: it binds neither owners nor superusers. Throws 42P01 before the migrations. */
export async function isBound(db: Db): Promise<boolean> {
  const rows = await db.sql<{ bound: boolean }>("SELECT row_security_active('messages') AS bound");
  return rows.every(({ bound }) => bound);
}
