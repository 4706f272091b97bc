import { notFound } from '../../errors/domain-error';
import { idKind } from '../../lib/ids';
import type { UserViewer, Viewer } from '../../lib/viewer';
import type { Database, Db, Tx } from '../../persistence/database';
import type { NewUser, SuspensionRecord, UserCredentials, UserRecord, UserRepository } from './user.repository';
import { emailTaken } from './user.errors';

export const userIds = idKind('usr');

export class UserService {
  constructor(
    private readonly database: Database,
    private readonly users: UserRepository,
  ) {}

  async create(db: Db, profile: Omit<NewUser, 'id'>): Promise<UserRecord> {
    const user = await this.createUnlessTaken(db, profile);
    if (user === null) throw emailTaken();
    return user;
  }

  /** As `create`, but null when the e-mail is taken. */
  createUnlessTaken(db: Db, profile: Omit<NewUser, 'id'>): Promise<UserRecord | null> {
    return this.users.insert(db, { id: userIds.create(), ...profile });
  }

  find(db: Db, id: string): Promise<UserRecord | null> {
    return userIds.is(id) ? this.users.find(db, id) : Promise.resolve(null);
  }

  /** The viewer as an administrator of the whole platform. Everyone else is told nothing: NOT_FOUND. API keys never are one. */
  async requirePlatformAdmin(db: Db, viewer: Viewer): Promise<UserViewer> {
    if (viewer.kind !== 'user' || !(await this.isPlatformAdmin(db, viewer))) throw notFound('Platform');
    return viewer;
  }

  /** With the account's row locked until the transaction ends: for what must not race, such as ways to sign in. */
  lock(tx: Tx, id: string): Promise<UserRecord | null> {
    return this.users.lock(tx, id);
  }

  lockByEmail(tx: Tx, email: string): Promise<UserRecord | null> {
    return this.users.lockByEmail(tx, email);
  }

  /** The hash of the password, null when there is none; the account's row is locked. */
  lockPassword(tx: Tx, id: string): Promise<string | null> {
    return this.users.lockPassword(tx, id);
  }

  setPassword(tx: Tx, id: string, passwordHash: string | null): Promise<void> {
    return this.users.setPassword(tx, id, passwordHash);
  }

  markEmailVerified(tx: Tx, id: string): Promise<void> {
    return this.users.markEmailVerified(tx, id);
  }

  /** Choosing a name completes the profile. */
  setName(db: Db, id: string, displayName: string): Promise<UserRecord | null> {
    return this.users.setName(db, id, displayName);
  }

  isSuspended(db: Db, id: string): Promise<boolean> {
    return this.users.isSuspended(db, id);
  }

  /** Null when there is no such user. Decides no rights: that is `auth`'s, which also ends what is open. */
  async setSuspended(tx: Tx, id: string, suspended: boolean): Promise<SuspensionRecord | null> {
    return userIds.is(id) ? this.users.setSuspended(tx, id, suspended) : null;
  }

  /** Holds the user's row: sign-ins that began before do not come through any more. */
  raiseSignInEpoch(tx: Tx, id: string): Promise<void> {
    return this.users.raiseSignInEpoch(tx, id);
  }

  async isPlatformAdmin(db: Db, viewer: Viewer): Promise<boolean> {
    return viewer.kind === 'user' && viewer.key === undefined && this.users.isPlatformAdmin(db, viewer.userId);
  }

  /** In no order; ids that nobody has are left out. */
  listByIds(ids: readonly string[]): Promise<UserRecord[]> {
    return this.users.listByIds(this.database, ids);
  }

  findCredentials(email: string): Promise<UserCredentials | null> {
    return this.users.findCredentials(this.database, email);
  }

  /** The hash of the password, null when there is none. */
  findPassword(id: string): Promise<string | null> {
    return this.users.findPassword(this.database, id);
  }
}

/** The one form in which an address is stored and looked for. */
export function normalizeEmail(typed: string): string {
  return typed.trim().toLowerCase();
}
