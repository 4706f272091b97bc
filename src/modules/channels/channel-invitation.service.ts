import type { Actor } from '../../lib/actor';
import type { Keyset } from '../../lib/keyset';
import type { Viewer } from '../../lib/viewer';
import { reachesOrganization } from '../../lib/viewer';
import type { Tx } from '../../persistence/database';
import type { Kernel } from '../../realtime/kernel';
import type { AuditAction, AuditTrail } from '../audit';
import type { UserService } from '../users';
import { requireUser } from '../users';
import { channelIds, channelStream } from './channel-access';
import type { ChannelInvitationRecord, ChannelInvitationRepository } from './channel-invitation.repository';
import { alreadyChannelMember, channelInvitationNotFound, channelMemberNotFound, tooManyInvitations } from './channel.errors';
import { memberJoined } from './channel.events';
import { refusalOfAdding } from './channel.policy';
import type { ChannelRecord, ChannelRepository } from './channel.repository';
import type { HeldChannel } from './held-channel';
import { holdChannel } from './held-channel';

/** How many of one channel wait at once. */
export const MAX_INVITATIONS = 100;

export interface ChannelInvitationServiceDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork'>;
  readonly audit: AuditTrail;
  readonly users: UserService;
  readonly channels: ChannelRepository;
  readonly invitations: ChannelInvitationRepository;
}

/**
 * Bringing somebody into a channel with their consent. As with members, every change holds the channel's row first and acts as the server: who
 * may is decided here.
 */
export class ChannelInvitationService {
  constructor(private readonly deps: ChannelInvitationServiceDeps) {}

  /** Inviting twice is the same as once. */
  async invite(actor: Actor, channelId: string, userId: string): Promise<ChannelRecord> {
    const { kernel, channels, users, invitations } = this.deps;
    return kernel.unitOfWork.as('system').run(async (tx) => {
      const { channel, own } = await this.holdAsInviter(tx, actor.viewer, channelId);
      if ((await users.find(tx, userId)) === null) throw channelMemberNotFound();
      if ((await channels.findMember(tx, channelId, userId)) !== null) throw alreadyChannelMember();
      const isNew = await invitations.insert(tx, channelId, userId, { id: own.userId, displayName: own.displayName });
      if (!isNew) return channel;
      if ((await invitations.count(tx, channelId)) > MAX_INVITATIONS) throw tooManyInvitations(MAX_INVITATIONS);
      this.record(tx, actor, channel, 'channel.member_invited', userId);
      return channel;
    });
  }

  /** For the same people. NOT_FOUND when there is none, any more. */
  async revoke(actor: Actor, channelId: string, userId: string): Promise<ChannelRecord> {
    return this.deps.kernel.unitOfWork.as('system').run(async (tx) => {
      const { channel } = await this.holdAsInviter(tx, actor.viewer, channelId);
      await this.end(tx, channelId, userId);
      this.record(tx, actor, channel, 'channel.invitation_revoked', userId);
      return channel;
    });
  }

  /** Whoever was invited becomes a member. */
  async join(actor: Actor, channelId: string): Promise<ChannelRecord> {
    const { kernel, channels } = this.deps;
    const { userId } = requireUser(actor.viewer);
    return kernel.unitOfWork.as('system').run(async (tx) => {
      const channel = await this.holdAsInvited(tx, actor.viewer, channelId);
      await this.end(tx, channelId, userId);
      await channels.insertMembers(tx, channelId, [userId], 'MEMBER');
      const member = await channels.findMember(tx, channelId, userId);
      if (member !== null) tx.record(channelStream(channelId), memberJoined.record({ member }));
      this.record(tx, actor, channel, 'channel.member_joined', userId);
      return channel;
    });
  }

  async decline(actor: Actor, channelId: string): Promise<void> {
    const { userId } = requireUser(actor.viewer);
    return this.deps.kernel.unitOfWork.as('system').run(async (tx) => {
      await this.holdAsInvited(tx, actor.viewer, channelId);
      await this.end(tx, channelId, userId);
    });
  }

  /** The viewer's own, newest first; whom they are for does not see the channels yet, so it is read as the server. */
  list(viewer: Viewer, olderThan: Keyset | null, limit: number): Promise<ChannelInvitationRecord[]> {
    const user = requireUser(viewer);
    // An API key is for what its maker belongs to already.
    if (user.key !== undefined) return Promise.resolve([]);
    return this.deps.invitations.listOf(this.deps.kernel.database.as('system'), user.userId, olderThan, limit);
  }

  private async holdAsInviter(tx: Tx, viewer: Viewer, channelId: string): Promise<HeldChannel> {
    const held = await holdChannel(this.deps.channels, tx, viewer, channelId);
    const refusal = refusalOfAdding(held.own, held.channel);
    if (refusal !== null) throw refusal;
    return held;
  }

  private async holdAsInvited(tx: Tx, viewer: Viewer, channelId: string): Promise<ChannelRecord> {
    const channel = channelIds.is(channelId) ? await this.deps.channels.lock(tx, channelId) : null;
    if (channel === null || !reachesOrganization(viewer, channel.organizationId)) throw channelInvitationNotFound();
    return channel;
  }

  private async end(tx: Tx, channelId: string, userId: string): Promise<void> {
    if (!(await this.deps.invitations.delete(tx, channelId, userId))) throw channelInvitationNotFound();
  }

  private record(tx: Tx, actor: Actor, { id, organizationId }: ChannelRecord, action: AuditAction, userId: string): void {
    this.deps.audit.record(tx, actor, { action, organizationId, targetId: id, details: { userId } });
  }
}
