import { unavailable } from '../errors/domain-error';
import type { PlacedMember, PresenceStore } from './presence-store';
import type { RedisCommands } from './redis-link';

/**
 * Two sorted sets, scored by the time of ending: a member's leases, and a place's members with their last lease's end; so `has`, `count`
 * and `list` need not look at leases. A key ends with its last lease, so an abandoned place vanishes. Times are Redis's.
 */
const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`;

/** Of one place. KEYS: members, then each one's leases. ARGV: lease, milliseconds (0 to leave), then each member. */
const CHANGE = `${NOW}
local ttl = tonumber(ARGV[2])
for n = 2, #KEYS do
  local leases, member = KEYS[n], ARGV[n + 1]
  if ttl > 0 then
    redis.call('ZADD', leases, now + ttl, ARGV[1])
  else
    redis.call('ZREM', leases, ARGV[1])
  end
  redis.call('ZREMRANGEBYSCORE', leases, '-inf', now)
  local longest = redis.call('ZRANGE', leases, -1, -1, 'WITHSCORES')
  if longest[2] then
    redis.call('PEXPIREAT', leases, longest[2])
    redis.call('ZADD', KEYS[1], longest[2], member)
  else
    redis.call('ZREM', KEYS[1], member)
  end
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
if last[2] then redis.call('PEXPIREAT', KEYS[1], last[2]) end
return 1`;

const LIST = `${NOW}
return redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. string.format('%.0f', now), '+inf')`;

const COUNT = `${NOW}
return redis.call('ZCOUNT', KEYS[1], '(' .. string.format('%.0f', now), '+inf')`;

const HAS = `${NOW}
local ends = redis.call('ZSCORE', KEYS[1], ARGV[1])
return ends and tonumber(ends) > now and 1 or 0`;

export interface RedisPresenceOptions {
  /** Shared with others and closed by its maker. */
  readonly link: RedisCommands;
  /** Before every key. */
  readonly prefix: string;
}

/** Leases in Redis. They end with it when it keeps nothing on disk, and are there again with the holders' next renewal. */
export class RedisPresenceStore implements PresenceStore {
  readonly kind = 'redis';

  constructor(private readonly options: RedisPresenceOptions) {}

  join(place: string, member: string, leaseId: string, ttlMs: number): Promise<void> {
    return this.change(place, [member], leaseId, ttlMs);
  }

  leave(place: string, member: string, leaseId: string): Promise<void> {
    return this.change(place, [member], leaseId, 0);
  }

  async joinAll(members: readonly PlacedMember[], leaseId: string, ttlMs: number): Promise<void> {
    await Promise.all([...byPlace(members)].map(([place, those]) => this.change(place, those, leaseId, ttlMs)));
  }

  async leaveAll(members: readonly PlacedMember[], leaseId: string): Promise<void> {
    await Promise.all([...byPlace(members)].map(([place, those]) => this.change(place, those, leaseId, 0)));
  }

  async has(place: string, member: string): Promise<boolean> {
    return (await this.run(HAS, [this.membersKey(place)], member)) === 1;
  }

  async list(place: string): Promise<string[]> {
    const members = await this.run(LIST, [this.membersKey(place)]);
    return Array.isArray(members) ? members.map(String) : [];
  }

  async count(place: string): Promise<number> {
    return Number(await this.run(COUNT, [this.membersKey(place)]));
  }

  async listOccupied(places: readonly string[]): Promise<string[]> {
    const counts = await Promise.all(places.map((place) => this.count(place)));
    return places.filter((_, index) => counts[index] !== 0);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private async change(place: string, members: readonly string[], leaseId: string, ttlMs: number): Promise<void> {
    const key = this.membersKey(place);
    await this.run(CHANGE, [key, ...members.map((member) => `${key}:${member}`)], leaseId, Math.ceil(ttlMs), ...members);
  }

  private async run(script: string, keys: string[], ...values: (string | number)[]): Promise<unknown> {
    try {
      return await this.options.link.client.eval(script, keys.length, ...keys, ...values);
    } catch (error) {
      throw unavailable('PRESENCE_UNAVAILABLE', error);
    }
  }

  /** The braces keep a place's keys on one node of a cluster. */
  private membersKey(place: string): string {
    return `${this.options.prefix}presence:{${place}}`;
  }
}

function byPlace(members: readonly PlacedMember[]): Map<string, string[]> {
  const places = new Map<string, string[]>();
  for (const { place, member } of members) {
    const those = places.get(place);
    if (those === undefined) places.set(place, [member]);
    else those.push(member);
  }
  return places;
}
