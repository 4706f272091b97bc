import type { Actor } from '../../lib/actor';
import type { Clock } from '../../lib/clock';
import { systemClock } from '../../lib/clock';
import { viewerIds } from '../../lib/viewer';
import type { Viewer } from '../../lib/viewer';
import type { Kernel } from '../../realtime/kernel';
import type { AuditTrail } from '../audit';
import type { OrganizationService } from '../organizations';
import type { ContentPolicyChanges, ContentPolicyRecord, ContentPolicyRepository } from './content-policy.repository';
import { Screen } from './screen';
import type { Verdict } from './screen';

/** A change is felt here at once, on other instances within this time. */
const REMEMBERED_MS = 1_000;
const MAX_REMEMBERED = 1_000;

interface Remembered {
  readonly screen: Promise<Screen>;
  readonly until: number;
}

export interface ContentPolicyServiceDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork'>;
  readonly audit: AuditTrail;
  readonly organizations: OrganizationService;
  readonly policies: ContentPolicyRepository;
  readonly clock?: Clock;
}

/** What rooms ask before they take a text. Not within a transaction: it may read. */
export interface ContentScreen {
  judge(organizationId: string, text: string): Promise<Verdict>;
}

export class ContentPolicyService implements ContentScreen {
  private readonly screens = new Map<string, Remembered>();

  constructor(private readonly deps: ContentPolicyServiceDeps) {}

  async judge(organizationId: string, text: string): Promise<Verdict> {
    return (await this.screenOf(organizationId)).judge(text);
  }

  /** For who runs the organization. */
  async get(viewer: Viewer, organizationId: string): Promise<ContentPolicyRecord> {
    const database = this.deps.kernel.database.as(viewerIds(viewer));
    await this.deps.organizations.requireRole(database, viewer, organizationId, 'ADMIN');
    return (await this.deps.policies.find(database, organizationId)) ?? emptyPolicy(organizationId);
  }

  async update(actor: Actor, organizationId: string, changes: ContentPolicyChanges): Promise<ContentPolicyRecord> {
    const { kernel, organizations, policies, audit } = this.deps;
    const stored = await kernel.unitOfWork.as(viewerIds(actor.viewer)).run(async (tx) => {
      await organizations.requireRole(tx, actor.viewer, organizationId, 'ADMIN');
      const fields = Object.entries(changes).flatMap(([field, value]) => (value === undefined ? [] : [field]));
      audit.record(tx, actor, { action: 'content_policy.updated', organizationId, targetId: organizationId, details: { fields } });
      return policies.store(tx, organizationId, changes);
    });
    this.screens.delete(organizationId);
    return stored;
  }

  private screenOf(organizationId: string): Promise<Screen> {
    const now = (this.deps.clock ?? systemClock).now().getTime();
    const known = this.screens.get(organizationId);
    if (known !== undefined && known.until > now) return known.screen;
    if (this.screens.size >= MAX_REMEMBERED) this.screens.clear();
    const screen = this.readScreen(organizationId);
    this.screens.set(organizationId, { screen, until: now + REMEMBERED_MS });
    screen.catch(() => this.screens.delete(organizationId));
    return screen;
  }

  /** By the server itself: those who write are not shown what is not wanted. */
  private async readScreen(organizationId: string): Promise<Screen> {
    const policy = await this.deps.policies.find(this.deps.kernel.database.as('system'), organizationId);
    return new Screen(policy ?? emptyPolicy(organizationId));
  }
}

function emptyPolicy(organizationId: string): ContentPolicyRecord {
  return { organizationId, refusedWords: [], heldWords: [], links: 'ALLOW', allowedHosts: [] };
}
