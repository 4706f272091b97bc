import type { AccountClaims } from 'oidc-provider';
import Provider from 'oidc-provider';
import { freePort } from './free-port';

export interface OidcServer {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** What it tells of whoever signs in under this login; the subject is the login. */
  readonly people: Map<string, Omit<AccountClaims, 'sub'>>;
  close(): Promise<void>;
}

const MINUTE = 60;

/** A real OpenID Connect provider. Its pages ask for a login, which it believes, and then for consent. */
export async function startOidcServer(redirectUris: string[]): Promise<OidcServer> {
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const client = { clientId: 'parley', clientSecret: 'a-secret-between-parley-and-its-provider' };
  const people: OidcServer['people'] = new Map();
  const provider = quietly(
    () =>
      new Provider(issuer, {
        clients: [{ client_id: client.clientId, client_secret: client.clientSecret, redirect_uris: redirectUris }],
        claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
        findAccount: (_context, id) => ({ accountId: id, claims: () => ({ ...people.get(id), sub: id }) }),
        pkce: { required: () => true },
        ttl: { AccessToken: MINUTE, Grant: MINUTE, IdToken: MINUTE, Interaction: MINUTE, Session: MINUTE },
        cookies: { keys: ['a-key-for-the-cookies-of-the-provider'] },
      }),
  );
  const server = provider.listen(port, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  return {
    issuer,
    ...client,
    people,
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

/** It warns of what nobody should do outside tests: keys of its own, pages of its own. */
function quietly<T>(work: () => T): T {
  const { warn, info } = console;
  Object.assign(console, { warn: () => undefined, info: () => undefined });
  try {
    return work();
  } finally {
    Object.assign(console, { warn, info });
  }
}
