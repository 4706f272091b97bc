import { badInput } from '../../errors/domain-error';
import type { Actor } from '../../lib/actor';
import type { Viewer } from '../../lib/viewer';
import { viewerIds } from '../../lib/viewer';
import type { Tx } from '../../persistence/database';
import type { StreamId } from '../../realtime/event';
import type { Kernel } from '../../realtime/kernel';
import type { RecordingTx } from '../../realtime/unit-of-work';
import type { AuditTrail } from '../audit';
import type { OrganizationService } from '../organizations';
import type { SessionActivity, SessionCompanion, SessionRecord } from '../sessions';
import type { UserService } from '../users';
import { requireUser, userIds } from '../users';
import type { ChannelAccess, ChannelPlace } from './channel-access';
import { channelIds, channelStream } from './channel-access';
import { sessionChannelName } from './channel-name';
import { channelLimitReached, channelNameTaken } from './channel.errors';
import type { ChannelRecord, ChannelRepository, ChannelType } from './channel.repository';

export interface ChannelDraft {
  readonly organizationId?: string | null;
  readonly name: string;
  readonly type: ChannelType;
  readonly memberIds?: readonly string[] | null;
}

export interface ChannelServiceDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork'>;
  readonly audit: AuditTrail;
  readonly users: UserService;
  readonly organizations: OrganizationService;
  readonly channels: ChannelRepository;
  readonly access: ChannelAccess;
}

export class ChannelService implements SessionCompanion, SessionActivity {
  constructor(private readonly deps: ChannelServiceDeps) {}

  /**
   * By the server: its maker has no place in it until it is made. Under the organization's lock: of makers at once none goes beyond what
   * the plan allows.
   */
  async create(actor: Actor, { name, type, memberIds, organizationId: named }: ChannelDraft): Promise<ChannelRecord> {
    const creator = requireUser(actor.viewer);
    const { userId } = creator;
    const members = await this.requireUsers((memberIds ?? []).filter((id) => id !== userId));
    const { kernel, audit, organizations, channels } = this.deps;
    return kernel.unitOfWork.as('system').run(async (tx) => {
      const organizationId = await organizations.requireHome(tx, creator, named);
      const { channels: most } = await organizations.lock(tx, organizationId);
      if ((await channels.count(tx, organizationId)) >= most) throw channelLimitReached(most);
      const channel = await channels.insert(tx, { id: channelIds.create(), organizationId, sessionId: null, name, type });
      if (channel === null) throw channelNameTaken();
      await channels.insertMembers(tx, channel.id, [userId], 'OWNER');
      if (members.length > 0) await channels.insertMembers(tx, channel.id, members, 'MEMBER');
      audit.record(tx, actor, { action: 'channel.created', organizationId, targetId: channel.id, details: { type } });
      return channel;
    });
  }

  /** Each session has a channel of its own; its members are the session's attendees. */
  async sessionCreated(tx: RecordingTx, session: SessionRecord): Promise<void> {
    await this.deps.channels.insert(tx, {
      id: channelIds.create(),
      organizationId: session.organizationId,
      sessionId: session.id,
      name: sessionChannelName(session.id),
      type: 'SHARED',
    });
  }

  async streamsOf(tx: Tx, sessionId: string): Promise<StreamId[]> {
    const channels = await this.deps.channels.listBySessions(tx, [sessionId]);
    return channels.map(({ id }) => channelStream(id));
  }

  /** The viewer's place in it; null when it does not exist or is not the viewer's. */
  findFor(viewer: Viewer, id: string): Promise<ChannelPlace | null> {
    return this.deps.access.find(this.deps.kernel.database.as(viewerIds(viewer)), viewer, id, 'view');
  }

  /**
   * The channels of these sessions, in no order. Decides no rights, and asks as the server: whoever is shown a session may know its channel,
   * also in the answer to joining, before they carry a token. What is written in a channel is protected where it is read.
   */
  listBySessions(sessionIds: readonly string[]): Promise<ChannelRecord[]> {
    return this.deps.channels.listBySessions(this.deps.kernel.database.as('system'), sessionIds);
  }

  private async requireUsers(ids: readonly string[]): Promise<string[]> {
    const distinct = [...new Set(ids)];
    const found = distinct.every((id) => userIds.is(id)) ? await this.deps.users.listByIds(distinct) : [];
    if (found.length !== distinct.length) throw badInput('memberIds', 'must be ids of users');
    return distinct;
  }
}
