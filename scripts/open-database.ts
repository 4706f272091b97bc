import { openDatabase as openConfigured } from '../src/app/backends';
import { loadConfig } from '../src/config/load';
import type { Database } from '../src/persistence/database';

/** The database the server would use: `DATABASE_URL`, else the embedded one in `PARLEY_DATA_DIR` or `.parley`. */
export function openDatabase(): Promise<Database> {
  return openConfigured(loadConfig().backends);
}
