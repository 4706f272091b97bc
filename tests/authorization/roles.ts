import type { Scope } from '../../src/graphql/access';
import { ApiClient } from '../support/api-client';
import { PASSWORD } from '../support/factories/stage';
import { LoginDocument, LogoutDocument } from '../support/generated/graphql';
import type { Caller, Facts, Verdict } from './model';
import type { Account } from '../support/factories/stage';
import type { World } from './world';
import { expired, READING, WRITING } from './world';

/** A row of the matrix: who somebody is, and how they come in. */
export interface Role extends Caller {
  readonly name: string;
  readonly conference: Facts;
  readonly call: Facts;
  readonly token: (world: World) => string | null | Promise<string | null>;
  /** The account behind it, where there is one that may sign in. */
  readonly account?: (world: World) => Account;
  /** What every request is answered with, whatever it asks for. */
  readonly always?: Verdict;
  /** Of an API key: what it opens of what its maker, whose facts these are, may do. */
  readonly scopes?: readonly Scope[];
}

const STRANGER: Facts = { place: null, hosts: false, runs: false, member: null, wrote: false };
const stands = (facts: Partial<Facts>): Facts => ({ ...STRANGER, ...facts });
const placed = (role: NonNullable<Facts['place']>['role'], status: 'PRESENT' | 'LEFT' | 'REMOVED' = 'PRESENT'): Partial<Facts> => ({
  place: { role, status },
});

function role(name: string, token: Role['token'], rest: Partial<Role> = {}): Role {
  return { name, token, kind: 'user', platformAdmin: false, conference: STRANGER, call: STRANGER, ...rest };
}

function account(name: string, of: keyof World['accounts'], rest: Partial<Role> = {}): Role {
  return role(name, (world) => world.accounts[of].api.token, { account: (world) => world.accounts[of], ...rest });
}

const HOST: Partial<Role> = { conference: stands({ ...placed('HOST'), hosts: true, runs: true, member: 'OWNER' }) };

/** Everybody there is. Whoever is built later comes here as a line each: a banned attendee. */
export const ROLES: readonly Role[] = [
  role('anonymous', () => null, { kind: 'anonymous' }),
  role('guest attendee', ({ guestTokens }) => guestTokens.guest, { kind: 'guest', conference: stands(placed('ATTENDEE')) }),
  role('removed guest', ({ guestTokens }) => guestTokens.removedGuest, {
    kind: 'guest',
    conference: stands(placed('ATTENDEE', 'REMOVED')),
  }),
  account('attendee', 'attendee', { conference: stands({ ...placed('ATTENDEE'), wrote: true }) }),
  account('who left', 'left', { conference: stands(placed('ATTENDEE', 'LEFT')) }),
  account('removed attendee', 'removed', { conference: stands(placed('ATTENDEE', 'REMOVED')) }),
  account('moderator', 'moderator', { conference: stands(placed('MODERATOR')) }),
  account('presenter', 'presenter', { conference: stands(placed('PRESENTER')) }),
  account('host', 'host', HOST),
  account('client', 'client', { call: stands({ ...placed('CLIENT'), hosts: true, runs: true, member: 'OWNER', wrote: true }) }),
  account('advisor', 'advisor', { call: stands({ ...placed('ADVISOR'), runs: true }) }),
  account('member of the organization', 'member', { conference: stands({ member: 'MEMBER' }) }),
  account('administrator of the organization', 'admin', { conference: stands({ member: 'ADMIN' }) }),
  account('member of another organization', 'otherMember'),
  account('owner of another organization', 'otherOwner'),
  account('platform administrator', 'platformAdmin', { platformAdmin: true }),
  role("the host's API key that reads", ({ keys }) => keys.reading, { ...HOST, scopes: READING }),
  role("the host's API key that writes", ({ keys }) => keys.writing, { ...HOST, scopes: WRITING }),
  role('suspended user', ({ accounts }) => accounts.suspended.api.token, { always: 'UNAUTHENTICATED ACCOUNT_SUSPENDED' }),
  role("the host's expired token", ({ accounts }) => expired(accounts.host.api.token ?? ''), {
    always: 'UNAUTHENTICATED TOKEN_EXPIRED',
  }),
  role("the host's token of a sign-in that was ended", signedOutToken, { always: 'UNAUTHENTICATED TOKEN_REVOKED' }),
];

async function signedOutToken({ app, accounts }: World): Promise<string> {
  const token = await freshToken(app.url, accounts.host);
  await new ApiClient(app.url, token).run(LogoutDocument, {});
  return token;
}

/** Of another sign-in of the same person. */
export async function freshToken(url: string, { email }: Account): Promise<string> {
  const { login } = await new ApiClient(url).run(LoginDocument, { input: { email, password: PASSWORD } });
  return login.accessToken;
}
