import { print } from 'graphql';
import { RefreshTokensDocument } from './generated/graphql';
import type { AuthPartsFragment, RefreshTokensMutation } from './generated/graphql';
import { httpUrl } from './server';

/** Who this tab is: nobody yet, a guest of one session, or a host with an account. Kept for reloads, per tab. */
export type Identity =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'guest'; readonly participantId: string; readonly name: string; readonly sessionId: string; readonly token: string }
  | {
      readonly kind: 'host';
      readonly participantId: string;
      readonly name: string;
      readonly sessionId: string | null;
      readonly auth: AuthPartsFragment;
    };

export const NOBODY: Identity = { kind: 'nobody' };
const STORAGE_KEY = 'parley.identity';
const RENEW_BEFORE_MS = 60_000;

export function loadIdentity(): Identity {
  const stored = sessionStorage.getItem(STORAGE_KEY);
  return stored === null ? NOBODY : (JSON.parse(stored) as Identity);
}

export function saveIdentity(identity: Identity): void {
  sessionStorage.setItem(STORAGE_KEY, JSON.stringify(identity));
}

export function hostIdentity(auth: AuthPartsFragment): Identity {
  return { kind: 'host', participantId: auth.user.id, name: auth.user.displayName, sessionId: null, auth };
}

export type TokenSource = (request?: { readonly refused: boolean }) => Promise<string | null>;

/** A host's access token is renewed shortly before it ends, or when the server refuses it; many askers share one renewal. */
export function tokenSource(identity: Identity): TokenSource {
  if (identity.kind === 'nobody') return async () => null;
  if (identity.kind === 'guest') return async () => identity.token;
  let { auth } = identity;
  let renewal: Promise<void> | null = null;
  const renew = async () => {
    auth = await refreshTokens(auth.refreshToken);
    const stored = loadIdentity();
    if (stored.kind === 'host') saveIdentity({ ...stored, auth });
  };
  return async ({ refused } = { refused: false }) => {
    if (refused || Date.parse(auth.expiresAt) - Date.now() < RENEW_BEFORE_MS) {
      renewal ??= renew().finally(() => (renewal = null));
      await renewal;
    }
    return auth.accessToken;
  };
}

async function refreshTokens(refreshToken: string): Promise<AuthPartsFragment> {
  const response = await fetch(httpUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: print(RefreshTokensDocument), variables: { input: { refreshToken } } }),
  });
  const { data } = (await response.json()) as { data?: RefreshTokensMutation | null };
  if (!data) throw new Error('Sign in again.');
  return data.refreshTokens;
}
