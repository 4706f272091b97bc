import { unavailable } from '../errors/domain-error';
import type { PresenceStore } from './presence-store';
import type { RedisCommands } from './redis-link';

/**
 * Two sorted sets, scored by the time of ending: a member's leases, and a place's members with their last lease's end; so `has`, `count`
 * and `list` need not look at leases. A key ends with its last lease, so an abandoned place vanishes. Times are Redis's.
 */
const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`;

/** KEYS: members, leases. ARGV: member, lease, milliseconds (0 to leave). */
const CHANGE = `${NOW}
local ttl = tonumber(ARGV[3])
if ttl > 0 then
  redis.call('ZADD', KEYS[2], now + ttl, ARGV[2])
else
  redis.call('ZREM', KEYS[2], ARGV[2])
end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
local longest = redis.call('ZRANGE', KEYS[2], -1, -1, 'WITHSCORES')
if longest[2] then
  redis.call('PEXPIREAT', KEYS[2], longest[2])
  redis.call('ZADD', KEYS[1], longest[2], ARGV[1])
else
  redis.call('ZREM', KEYS[1], ARGV[1])
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

  async join(place: string, member: string, leaseId: string, ttlMs: number): Promise<void> {
    await this.run(CHANGE, this.keys(place, member), member, leaseId, Math.ceil(ttlMs));
  }

  async leave(place: string, member: string, leaseId: string): Promise<void> {
    await this.run(CHANGE, this.keys(place, member), member, leaseId, 0);
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

  close(): Promise<void> {
    return Promise.resolve();
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

  private keys(place: string, member: string): [string, string] {
    return [this.membersKey(place), `${this.membersKey(place)}:${member}`];
  }
}
