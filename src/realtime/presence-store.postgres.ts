import type { Database } from '../persistence/database';
import type { PresenceStore } from './presence-store';

const SWEEP_MS = 60_000;

/** Commits without waiting for the disk: after a crash of the server the holders renew anyway. */
const JOIN = `
  WITH hurry AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
  INSERT INTO presence_leases (place, member, lease_id, expires_at)
  SELECT $1, $2, $3, clock_timestamp() + $4 * interval '1 millisecond' FROM hurry
  ON CONFLICT (place, member, lease_id) DO UPDATE SET expires_at = excluded.expires_at`;

/** Leases as rows, by the database's clock. Ended leases are never answered, and deleted once a minute. */
export class PostgresPresenceStore implements PresenceStore {
  readonly kind = 'postgres';
  private readonly sweeper: NodeJS.Timeout;

  constructor(private readonly database: Database) {
    this.sweeper = setInterval(() => void this.sweep(), SWEEP_MS);
    this.sweeper.unref();
  }

  async join(place: string, member: string, leaseId: string, ttlMs: number): Promise<void> {
    await this.database.sql(JOIN, [place, member, leaseId, ttlMs]);
  }

  async leave(place: string, member: string, leaseId: string): Promise<void> {
    await this.database.sql('DELETE FROM presence_leases WHERE place = $1 AND member = $2 AND lease_id = $3', [place, member, leaseId]);
  }

  async has(place: string, member: string): Promise<boolean> {
    const leases = await this.database.sql(
      'SELECT 1 FROM presence_leases WHERE place = $1 AND member = $2 AND expires_at > clock_timestamp() LIMIT 1',
      [place, member],
    );
    return leases.length > 0;
  }

  async list(place: string): Promise<string[]> {
    const rows = await this.database.sql<{ member: string }>(
      'SELECT DISTINCT member FROM presence_leases WHERE place = $1 AND expires_at > clock_timestamp()',
      [place],
    );
    return rows.map(({ member }) => member);
  }

  async count(place: string): Promise<number> {
    const rows = await this.database.sql<{ members: number }>(
      'SELECT count(DISTINCT member) AS members FROM presence_leases WHERE place = $1 AND expires_at > clock_timestamp()',
      [place],
    );
    return rows[0]?.members ?? 0;
  }

  /** The database belongs to its maker. */
  close(): Promise<void> {
    clearInterval(this.sweeper);
    return Promise.resolve();
  }

  /** Whatever fails here is tried again in a minute, and told by those who wait for an answer. */
  private async sweep(): Promise<void> {
    await this.database.sql('DELETE FROM presence_leases WHERE expires_at <= clock_timestamp()').catch(() => undefined);
  }
}
