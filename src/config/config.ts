import type { JwtKey } from './jwt-keys';

/** The whole configuration, validated. Rooms receive only their slice. The variables behind it are declared in `variables.ts`. */
export interface Config {
  readonly environment: 'development' | 'test' | 'production';
  readonly http: HttpConfig;
  readonly backends: BackendsConfig;
  readonly auth: AuthConfig;
  readonly signIn: SignInConfig;
  readonly ice: IceConfig;
  /** The media server; null: there is none. */
  readonly livekit: LivekitConfig | null;
  readonly sessions: SessionsConfig;
  readonly channels: ChannelsConfig;
  readonly hooks: HooksConfig;
  /** Null: no letters. */
  readonly mail: MailConfig | null;
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
  /** Where browsers reach this server, without a trailing slash. */
  readonly publicUrl: string;
  /** Whether cookies are `Secure`, with the prefix `__Host-`. */
  readonly secureCookies: boolean;
  /** Whose X-Forwarded-For is believed. */
  readonly trustProxy: TrustedProxies;
  /** The operations of our own clients by name, and whether anything else is refused. Left out: none, and nothing is. */
  readonly trustedDocuments?: { readonly documents: ReadonlyMap<string, string>; readonly only: boolean };
}

/** How many proxies every request comes through (0: none), or their addresses and networks. */
export type TrustedProxies = number | readonly string[];

export interface BackendsConfig {
  /** Set → PostgreSQL; null → PGlite in `dataDir`. */
  readonly databaseUrl: string | null;
  /** The owner of the tables, when `databaseUrl` is not; for migrations. */
  readonly migrationDatabaseUrl: string | null;
  /** What the application runs as in PostgreSQL. */
  readonly databaseRole: string;
  /** Set → Redis; only together with `databaseUrl`. */
  readonly redis: RedisConfig | null;
  /** A directory, or `memory://` for a store that ends with the process. */
  readonly dataDir: string;
  readonly redisPrefix: string;
  readonly poolSize: number;
  /** How many each connection keeps; 0: none. */
  readonly preparedStatements: number;
  readonly rateLimits: boolean;
}

/** One server, or a cluster by some of its nodes, whose URLs differ in host and port alone. */
export type RedisConfig =
  { readonly kind: 'server'; readonly url: string } | { readonly kind: 'cluster'; readonly seeds: readonly string[] };

export interface AuthConfig {
  /** The first signs, all are good. */
  readonly jwtKeys: JwtKeys;
}

export type JwtKeys = readonly [JwtKey, ...JwtKey[]];

/** Sign-in by way of others. */
export interface SignInConfig {
  readonly publicUrl: string;
  /** Pages that a browser may be sent to afterwards: origin and path, exactly. */
  readonly returnUrls: readonly string[];
  readonly providers: readonly ProviderConfig[];
}

export type ProviderConfig = OidcConfig | GithubConfig;

export interface OidcConfig {
  readonly kind: 'oidc';
  /** Its place in `/auth/:provider`. */
  readonly name: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

export interface GithubConfig {
  readonly kind: 'github';
  readonly name: string;
  readonly webUrl: string;
  readonly apiUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

export interface SessionsConfig {
  /** How long a session under way may be without anybody before it ends by itself; null: for ever. */
  readonly orphanAfterMs: number | null;
  /** How many attendees connect to each other before they are sent to the media server; null: there is none. */
  readonly sfuAbove: number | null;
  /** The page where people join; `{code}` in it stands for the join code. */
  readonly joinUrl: string;
  /** How long an attendee who was connected may be without a connection before they have left; null: for ever. */
  readonly graceMs: number | null;
}

export interface ChannelsConfig {
  /** How long nothing may be written in a channel before it is archived; null: for ever. */
  readonly archiveAfterMs: number | null;
  /** How many messages one sender may write in one channel in a minute. */
  readonly messagesPerMinute: number;
}

/** Where webhooks may come in from: each source with the secrets it may sign with now. */
export type HooksConfig = Readonly<Record<string, readonly string[]>>;

/** Where letters are handed over, and who they come from. */
export interface MailConfig {
  readonly smtpUrl: string;
  /** An address, or a name and an address: `Parley <parley@example.org>`. */
  readonly from: string;
}

export interface LivekitConfig {
  /** Where clients connect to it. */
  readonly url: string;
  readonly apiKey: string;
  readonly apiSecret: string;
}

export interface IceConfig {
  readonly stunUrls: readonly string[];
  readonly turnUrls: readonly string[];
  /** coturn's `static-auth-secret`; null only when there are no TURN urls. */
  readonly turnSecret: string | null;
}
