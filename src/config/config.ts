/** The whole configuration, validated. Rooms receive only their slice. The variables behind it are declared in `variables.ts`. */
export interface Config {
  readonly environment: 'development' | 'test' | 'production';
  readonly http: HttpConfig;
  readonly backends: BackendsConfig;
  readonly auth: AuthConfig;
  readonly ice: IceConfig;
  readonly sessions: SessionsConfig;
  readonly log: { readonly level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'silent' };
  /** Apply pending migrations at start (under an advisory lock). */
  readonly migrateAtStart: boolean;
}

export interface HttpConfig {
  readonly port: number;
  readonly host: string;
  readonly graphiql: boolean;
  /** Origins allowed by CORS and on WebSocket upgrades beside the server's own; null allows any (development only). */
  readonly allowedOrigins: readonly string[] | null;
  /** Whether rate limits and per-user and per-address connection caps are in force. */
  readonly rateLimits: boolean;
  /** Whether X-Forwarded-For is believed. */
  readonly trustProxy: boolean;
}

export interface BackendsConfig {
  /** Set → PostgreSQL; null → PGlite in `dataDir`. */
  readonly databaseUrl: string | null;
  /** Set → Redis; only together with `databaseUrl`. */
  readonly redis: RedisConfig | null;
  /** A directory, or `memory://` for a store that ends with the process. */
  readonly dataDir: string;
  readonly redisPrefix: string;
  readonly poolSize: number;
  readonly rateLimits: boolean;
}

/** One server, or a cluster by some of its nodes, whose URLs differ in host and port alone. */
export type RedisConfig =
  { readonly kind: 'server'; readonly url: string } | { readonly kind: 'cluster'; readonly seeds: readonly string[] };

export interface AuthConfig {
  readonly jwtSecret: string;
}

export interface SessionsConfig {
  /** How long a session under way may be without anybody before it ends by itself; null: for ever. */
  readonly orphanAfterMs: number | null;
}

export interface IceConfig {
  readonly stunUrls: readonly string[];
  readonly turnUrls: readonly string[];
  /** coturn's `static-auth-secret`; null only when there are no TURN urls. */
  readonly turnSecret: string | null;
}
