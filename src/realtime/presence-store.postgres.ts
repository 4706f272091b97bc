import type { Database } from '../persistence/database';
import type { PlacedMember, PresenceStore } from './presence-store';

const SWEEP_MS = 60_000;

/** Commits without waiting for the disk: after a crash of the server the holders renew anyway. */
const JOIN = `
  WITH hurry AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
  INSERT INTO presence_leases (place, member, lease_id, expires_at)
  SELECT place, member, $3, clock_timestamp() + $4 * interval '1 millisecond'
  FROM (SELECT DISTINCT place, member FROM unnest($1::text[], $2::text[]) AS given(place, member)) AS joining, hurry
  ON CONFLICT (place, member, lease_id) DO UPDATE SET expires_at = excluded.expires_at`;

const LEAVE = `
  DELETE FROM presence_leases AS lease USING unnest($1::text[], $2::text[]) AS leaving(place, member)
  WHERE lease.place = leaving.place AND lease.member = leaving.member AND lease.lease_id = $3`;

const OCCUPIED = `
  SELECT place FROM unnest($1::text[]) AS asked(place)
  WHERE EXISTS (SELECT 1 FROM presence_leases lease WHERE lease.place = asked.place AND expires_at > clock_timestamp())`;

/** Leases as rows, by the database's clock. Ended leases are never answered, and deleted once a minute. */
export class PostgresPresenceStore implements PresenceStore {
  readonly kind = 'postgres';
  private readonly sweeper: NodeJS.Timeout;

  constructor(private readonly database: Database) {
    this.sweeper = setInterval(() => void this.sweep(), SWEEP_MS);
    this.sweeper.unref();
  }

  join(place: string, member: string, leaseId: string, ttlMs: number): Promise<void> {
    return this.joinAll([{ place, member }], leaseId, ttlMs);
  }

  leave(place: string, member: string, leaseId: string): Promise<void> {
    return this.leaveAll([{ place, member }], leaseId);
  }

  async joinAll(members: readonly PlacedMember[], leaseId: string, ttlMs: number): Promise<void> {
    await this.database.sql(JOIN, [...columns(members), leaseId, ttlMs]);
  }

  async leaveAll(members: readonly PlacedMember[], leaseId: string): Promise<void> {
    await this.database.sql(LEAVE, [...columns(members), leaseId]);
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

  async listOccupied(places: readonly string[]): Promise<string[]> {
    const rows = await this.database.sql<{ place: string }>(OCCUPIED, [places]);
    return rows.map(({ place }) => place);
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

function columns(members: readonly PlacedMember[]): [string[], string[]] {
  return [members.map(({ place }) => place), members.map(({ member }) => member)];
}
