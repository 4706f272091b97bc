import { RATE_RULES } from '../../graphql/rate-rules';
import type { Viewer } from '../../lib/viewer';
import { viewerIds } from '../../lib/viewer';
import type { Json, NewEvent } from '../../realtime/event';
import type { Kernel } from '../../realtime/kernel';
import type { OrganizationService } from '../organizations';
import { notMembers, tooManyNotices } from './notification.errors';
import type { ProgressState } from './notification.events';
import { applicationsStream, noticePublished, progressReported } from './notification.events';
import type { NotificationPriority } from './notification.repository';

interface Notice {
  readonly organizationId: string;
  readonly userIds: readonly string[];
  readonly applicationType: string;
  readonly key: string;
  readonly title: string;
  readonly body: string | null;
  readonly link: string | null;
}

export interface PublishedNotice extends Notice {
  readonly priority: NotificationPriority;
  readonly data: Json;
}

export interface ReportedProgress extends Notice {
  readonly done: number;
  readonly total: number | null;
  readonly state: ProgressState;
}

export interface ApplicationNoticeServiceDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork' | 'rateLimiter'>;
  readonly organizations: OrganizationService;
}

/** What the applications of an organization tell its members. It is recorded here; the consumer makes notifications of it. */
export class ApplicationNoticeService {
  constructor(private readonly deps: ApplicationNoticeServiceDeps) {}

  publish(viewer: Viewer, notice: PublishedNotice): Promise<void> {
    return this.record(viewer, notice, noticePublished.record(distinct(notice)));
  }

  reportProgress(viewer: Viewer, progress: ReportedProgress): Promise<void> {
    return this.record(viewer, progress, progressReported.record(distinct(progress)));
  }

  private async record(viewer: Viewer, { organizationId, userIds }: Notice, event: NewEvent): Promise<void> {
    const { kernel, organizations } = this.deps;
    await organizations.requireRole(kernel.database.as(viewerIds(viewer)), viewer, organizationId, 'ADMIN');
    const decision = await kernel.rateLimiter.consume(RATE_RULES.notice, organizationId, userIds.length);
    if (!decision.allowed) throw tooManyNotices(decision.retryAfterMs);
    await kernel.unitOfWork.as(viewerIds(viewer)).run(async (tx) => {
      await organizations.requireRole(tx, viewer, organizationId, 'ADMIN');
      if (!(await organizations.areMembers(tx, organizationId, userIds))) throw notMembers();
      tx.record(applicationsStream(organizationId), event);
    });
  }
}

function distinct<N extends Notice>(notice: N): N {
  return { ...notice, userIds: [...new Set(notice.userIds)] };
}
