import { badInput } from '../../errors/domain-error';
import type { Actor } from '../../lib/actor';
import type { Clock } from '../../lib/clock';
import { systemClock } from '../../lib/clock';
import type { Keyset } from '../../lib/keyset';
import type { Viewer } from '../../lib/viewer';
import { viewerIds } from '../../lib/viewer';
import type { Kernel } from '../../realtime/kernel';
import type { RecordingTx } from '../../realtime/unit-of-work';
import type { AuditTrail } from '../audit';
import type { Revocations } from '../auth';
import { accountSuspended, tokenInvalid, tokenRevoked } from '../auth';
import type { OrganizationService } from '../organizations';
import { apiKeyNotFound, tooManyKeys } from './api-key.errors';
import type { ApiKeyRecord, ApiKeyRepository, PresentedKey } from './api-key.repository';
import type { ApiKeyScope } from './api-key.scope';
import { apiKeyIds, createKeyText, parseKeyText } from './api-key.secret';

const MAX_IN_USE = 100;
const USE_NOTED_EVERY_MS = 60_000;
/** Later than any token: `Date` knows no "never". */
const NEVER = new Date(8_640_000_000_000_000);

export interface ApiKeyDraft {
  readonly organizationId: string;
  readonly name: string;
  readonly scopes: readonly ApiKeyScope[];
  readonly expiresAt?: Date | null;
}

export interface CreatedApiKey {
  readonly apiKey: ApiKeyRecord;
  /** To be shown once. */
  readonly secret: string;
}

export interface ApiKeyServiceDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork'>;
  readonly organizations: OrganizationService;
  readonly revocations: Revocations;
  readonly audit: AuditTrail;
  readonly keys: ApiKeyRepository;
  readonly clock?: Clock;
}

/** Keys for machines: each acts as its maker, in one organization and within its scopes. Made and ended by the organization's ADMINs. */
export class ApiKeyService {
  /** When each key's use was last noted by this instance. */
  private readonly noted = new Map<string, number>();
  private readonly clock: Clock;

  constructor(private readonly deps: ApiKeyServiceDeps) {
    this.clock = deps.clock ?? systemClock;
  }

  async create(actor: Actor, { organizationId, name, scopes, expiresAt = null }: ApiKeyDraft): Promise<CreatedApiKey> {
    if (expiresAt !== null && expiresAt <= this.clock.now()) throw badInput('expiresAt', 'must be in the future');
    return this.deps.kernel.unitOfWork.as(viewerIds(actor.viewer)).run(async (tx) => {
      const { userId } = await this.deps.organizations.requireRole(tx, actor.viewer, organizationId, 'ADMIN');
      await this.deps.organizations.lock(tx, organizationId);
      if ((await this.deps.keys.countInUse(tx, organizationId)) >= MAX_IN_USE) throw tooManyKeys(MAX_IN_USE);
      const id = apiKeyIds.create();
      const { text, secretHash } = createKeyText(id);
      const distinct = [...new Set(scopes)];
      const draft = { id, organizationId, makerId: userId, name: name.trim(), scopes: distinct, secretHash, expiresAt };
      const apiKey = await this.deps.keys.insert(tx, draft);
      this.deps.audit.record(tx, actor, { action: 'api_key.created', organizationId, targetId: id, details: { scopes: distinct } });
      return { apiKey, secret: text };
    });
  }

  /** Revoking twice is the same as once. */
  async revoke(actor: Actor, id: string): Promise<ApiKeyRecord> {
    return this.deps.kernel.unitOfWork.as(viewerIds(actor.viewer)).run(async (tx) => {
      const key = apiKeyIds.is(id) ? await this.deps.keys.find(tx, id) : null;
      if (key === null) throw apiKeyNotFound();
      await this.requireAdmin(tx, actor.viewer, key);
      const revoked = await this.deps.keys.revoke(tx, id);
      if (revoked === null) return key;
      this.deps.revocations.record(tx, { kind: 'apiKey', ids: [id] });
      this.deps.audit.record(tx, actor, { action: 'api_key.revoked', organizationId: key.organizationId, targetId: id });
      return revoked;
    });
  }

  /** Of somebody who leaves the organization, in the transaction in which they do. */
  async revokeOfMember(tx: RecordingTx, organizationId: string, userId: string): Promise<void> {
    const ids = await this.deps.keys.revokeOfMember(tx, organizationId, userId);
    this.deps.revocations.record(tx, { kind: 'apiKey', ids });
  }

  /** Of an account that gets a new owner, in the transaction in which it does. */
  async revokeOfMaker(tx: RecordingTx, userId: string): Promise<void> {
    const ids = await this.deps.keys.revokeOfMaker(tx, userId);
    this.deps.revocations.record(tx, { kind: 'apiKey', ids });
  }

  /** Newest first, the revoked too. */
  async list(viewer: Viewer, organizationId: string, olderThan: Keyset | null, limit: number): Promise<ApiKeyRecord[]> {
    const database = this.deps.kernel.database.as(viewerIds(viewer));
    await this.deps.organizations.requireRole(database, viewer, organizationId, 'ADMIN');
    return this.deps.keys.list(database, organizationId, olderThan, limit);
  }

  /** Who comes in with this key; null for what is no key at all. Reads the database once. */
  async authenticate(text: string): Promise<Viewer | null> {
    if (!text.startsWith('pk_')) return null;
    const presented = parseKeyText(text);
    if (presented === null) throw tokenInvalid();
    const { kernel, keys, revocations } = this.deps;
    const mark = revocations.mark();
    const key = await keys.findPresented(kernel.database.as('system'), presented.id, presented.secretHash);
    if (key === null) throw tokenInvalid();
    if (key.suspended) throw accountSuspended();
    const viewer = toViewer(key);
    if (revocations.hasEndedSince(mark, viewer)) throw tokenRevoked();
    this.noteUse(key);
    return viewer;
  }

  /** Not awaited by the request, and no harm when it fails. */
  private noteUse({ id, lastUsedAt }: PresentedKey): void {
    const now = this.clock.now().getTime();
    const noted = Math.max(this.noted.get(id) ?? 0, lastUsedAt?.getTime() ?? 0);
    if (now - noted < USE_NOTED_EVERY_MS) return;
    if (this.noted.size >= 1_000) this.noted.clear();
    this.noted.set(id, now);
    this.deps.keys.touch(this.deps.kernel.database, id).catch(() => this.noted.delete(id));
  }

  /** To whoever does not belong to its organization there is no such key. */
  private async requireAdmin(tx: RecordingTx, viewer: Viewer, { organizationId }: ApiKeyRecord): Promise<void> {
    if ((await this.deps.organizations.roleOf(tx, viewer, organizationId)) === null) throw apiKeyNotFound();
    await this.deps.organizations.requireRole(tx, viewer, organizationId, 'ADMIN');
  }
}

function toViewer({ id, makerId, organizationId, scopes, expiresAt }: PresentedKey): Viewer {
  return { kind: 'user', userId: makerId, familyId: id, expiresAt: expiresAt ?? NEVER, key: { id, organizationId, scopes } };
}
