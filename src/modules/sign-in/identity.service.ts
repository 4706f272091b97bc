import type { Actor } from '../../lib/actor';
import type { UserViewer } from '../../lib/viewer';
import type { Tx } from '../../persistence/database';
import type { Kernel } from '../../realtime/kernel';
import type { RecordingTx } from '../../realtime/unit-of-work';
import type { ApiKeyService } from '../api-keys';
import type { AuditTrail } from '../audit';
import type { ProvenAccount, SignIns } from '../auth';
import { asUser } from '../auth';
import type { OrganizationService } from '../organizations';
import type { UserRecord, UserService } from '../users';
import type { IdentityRecord, IdentityRepository } from './identity.repository';
import type { ProvenIdentity } from './identity-provider';
import { SignInFailure } from './sign-in-failure';
import { identityNotFound, identityTaken, lastWayIn, providerLinkedAlready } from './sign-in.errors';

/** The name of somebody whose provider told none; the profile is pending then. */
const STAND_IN_NAME = 'New user';
const MAX_NAME_LENGTH = 80;

export interface IdentityServiceDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork'>;
  readonly audit: AuditTrail;
  readonly users: UserService;
  readonly organizations: OrganizationService;
  readonly identities: IdentityRepository;
  readonly signIns: SignIns;
  readonly apiKeys: ApiKeyService;
}

/** Which accounts at providers open which of ours. Nothing but a verified e-mail joins two of them (`docs/decisions/0018`). */
export class IdentityService {
  constructor(private readonly deps: IdentityServiceDeps) {}

  /** The account that this identity opens: linked before, linked now by its verified e-mail, or made. */
  async open(tx: RecordingTx, actor: Actor, identity: ProvenIdentity): Promise<ProvenAccount> {
    const { identities } = this.deps;
    await identities.lock(tx, identity);
    const account = await identities.findAccount(tx, identity);
    if (account?.suspended === true) throw new SignInFailure('ACCOUNT_SUSPENDED', 'SUSPENDED');
    if (account !== null) return account;
    if (!(await this.linkByEmail(tx, actor, identity))) await this.create(tx, actor, identity);
    // It opens one now; or the address was registered since we looked, and is linked this time.
    return this.open(tx, actor, identity);
  }

  listOf(userId: string): Promise<IdentityRecord[]> {
    return this.deps.identities.listOf(this.deps.kernel.database, userId);
  }

  /** Another way in for who is signed in already. Linking again what is theirs changes nothing. */
  async link(tx: Tx, actor: Actor, viewer: UserViewer, identity: ProvenIdentity): Promise<UserRecord> {
    const { identities, users } = this.deps;
    await identities.lock(tx, identity);
    const user = await users.lock(tx, viewer.userId);
    const holder = await identities.findAccount(tx, identity);
    if (user === null || (holder !== null && holder.id !== user.id)) throw identityTaken();
    if (holder === null) await this.insert(tx, actor, user, identity);
    if (identity.emailVerified && identity.email === user.email) await users.markEmailVerified(tx, user.id);
    return user;
  }

  /** The account's row is locked, so that of two ways in that go at once one stays. */
  async unlink(actor: Actor, viewer: UserViewer, provider: string): Promise<void> {
    const { kernel, audit, identities, users } = this.deps;
    await kernel.unitOfWork.run(async (tx) => {
      const passwordHash = await users.lockPassword(tx, viewer.userId);
      if (!(await identities.delete(tx, viewer.userId, provider))) throw identityNotFound();
      if (passwordHash === null && (await identities.count(tx, viewer.userId)) === 0) throw lastWayIn();
      audit.record(tx, actor, { action: 'identity.unlinked', targetId: viewer.userId, details: { provider } });
    });
  }

  /** False when the e-mail is not verified, or nobody's. */
  private async linkByEmail(tx: RecordingTx, actor: Actor, identity: ProvenIdentity): Promise<boolean> {
    const { identities, users } = this.deps;
    const owner = identity.email !== null && identity.emailVerified ? await users.lockByEmail(tx, identity.email) : null;
    if (owner === null) return false;
    if (owner.emailVerifiedAt === null) await this.handOver(tx, actor, owner, identity);
    // The provider gave the address to somebody else since.
    else if (await identities.has(tx, owner.id, identity.provider)) throw new SignInFailure('EMAIL_TAKEN', 'OTHER_SUBJECT');
    await this.insert(tx, asUser(actor, owner.id), owner, identity);
    return true;
  }

  /**
   * Whoever registered this address never showed that it is theirs, and somebody else just did. Every way in that was there before ends:
   * it may be an attacker's, who registered the address and waited for its owner to come.
   */
  private async handOver(tx: RecordingTx, actor: Actor, { id }: UserRecord, { provider }: ProvenIdentity): Promise<void> {
    const { audit, identities, users, signIns, apiKeys } = this.deps;
    await users.setPassword(tx, id, null);
    await identities.deleteAllOf(tx, id);
    const signInsEnded = await signIns.endAll(tx, id);
    await apiKeys.revokeOfMaker(tx, id);
    await users.markEmailVerified(tx, id);
    audit.record(tx, asUser(actor, id), { action: 'account.handed_over', targetId: id, details: { provider, signInsEnded } });
  }

  /** Makes none when the address was registered since we looked. */
  private async create(tx: Tx, actor: Actor, identity: ProvenIdentity): Promise<void> {
    const { audit, organizations, users } = this.deps;
    const name = usableName(identity.name);
    const email = identity.emailVerified ? identity.email : null;
    const profile = { displayName: name ?? STAND_IN_NAME, email, emailVerified: email !== null, passwordHash: null };
    const user = await users.createUnlessTaken(tx, { ...profile, profilePending: name === null || email === null });
    if (user === null) return;
    await organizations.createPersonal(tx, user);
    const owner = asUser(actor, user.id);
    audit.record(tx, owner, { action: 'account.registered', targetId: user.id, details: { method: identity.provider } });
    await this.insert(tx, owner, user, identity);
  }

  private async insert(tx: Tx, actor: Actor, user: UserRecord, identity: ProvenIdentity): Promise<void> {
    const { audit, identities } = this.deps;
    if (!(await identities.insert(tx, user.id, identity))) throw providerLinkedAlready();
    const { provider, emailVerified } = identity;
    audit.record(tx, actor, { action: 'identity.linked', targetId: user.id, details: { provider, emailVerified } });
  }
}

/** Null for what nobody would want to be called by: nothing visible, or more than we show. */
function usableName(name: string | null): string | null {
  const visible = name?.replace(/[\p{C}\p{Z}]+/gu, ' ').trim() ?? '';
  return visible === '' || visible.length > MAX_NAME_LENGTH ? null : visible;
}
