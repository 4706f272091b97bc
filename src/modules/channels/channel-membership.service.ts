import type { Actor } from '../../lib/actor';
import type { Tx } from '../../persistence/database';
import type { Kernel } from '../../realtime/kernel';
import type { RecordingTx } from '../../realtime/unit-of-work';
import type { AuditAction, AuditTrail } from '../audit';
import type { Departure, OrganizationCompanion } from '../organizations';
import type { UserService } from '../users';
import { channelStream } from './channel-access';
import type { ChannelInvitationRepository } from './channel-invitation.repository';
import { alreadyChannelMember, channelMemberNotFound } from './channel.errors';
import { memberJoined, memberLeft, ownerChanged } from './channel.events';
import { refusalOfAdding, refusalOfLeaving } from './channel.policy';
import type { ChannelRecord, ChannelRepository, MemberRecord } from './channel.repository';
import { holdChannel, holdOwnChannel } from './held-channel';

export interface ChannelMembershipServiceDeps {
  readonly kernel: Pick<Kernel, 'unitOfWork'>;
  readonly audit: AuditTrail;
  readonly users: UserService;
  readonly channels: ChannelRepository;
  readonly invitations: ChannelInvitationRepository;
}

/**
 * Who belongs to a channel. Every change holds the channel's row first, so there is one owner after each; and is told on the channel's
 * stream, which ends what the one who left had open in it. They act as the server: who may is decided here, under that row.
 */
export class ChannelMembershipService implements OrganizationCompanion {
  constructor(private readonly deps: ChannelMembershipServiceDeps) {}

  async add(actor: Actor, channelId: string, userId: string): Promise<ChannelRecord> {
    return this.deps.kernel.unitOfWork.as('system').run(async (tx) => {
      const { channel, own } = await holdChannel(this.deps.channels, tx, actor.viewer, channelId);
      const refusal = refusalOfAdding(own, channel);
      if (refusal !== null) throw refusal;
      const user = await this.deps.users.find(tx, userId);
      if (user === null) throw channelMemberNotFound();
      if ((await this.deps.channels.findMember(tx, channelId, userId)) !== null) throw alreadyChannelMember();
      await this.deps.invitations.delete(tx, channelId, userId);
      await this.deps.channels.insertMembers(tx, channelId, [userId], 'MEMBER');
      const member: MemberRecord = { userId, displayName: user.displayName, role: 'MEMBER' };
      tx.record(channelStream(channelId), memberJoined.record({ member }));
      this.record(tx, actor, channel, 'channel.member_added', userId);
      return channel;
    });
  }

  async remove(actor: Actor, channelId: string, userId: string): Promise<ChannelRecord> {
    return this.deps.kernel.unitOfWork.as('system').run(async (tx) => {
      const { channel } = await holdOwnChannel(this.deps.channels, tx, actor.viewer, channelId);
      const member = await this.requireMember(tx, channelId, userId);
      await this.part(tx, actor, channel, member, 'removed');
      return channel;
    });
  }

  async leave(actor: Actor, channelId: string): Promise<void> {
    return this.deps.kernel.unitOfWork.as('system').run(async (tx) => {
      const { channel, own } = await holdChannel(this.deps.channels, tx, actor.viewer, channelId);
      await this.part(tx, actor, channel, own, 'left');
    });
  }

  /** Its owner becomes a member, a member its owner. Handing over to oneself changes nothing. */
  async handOver(actor: Actor, channelId: string, userId: string): Promise<ChannelRecord> {
    return this.deps.kernel.unitOfWork.as('system').run(async (tx) => {
      const { channel, own } = await holdOwnChannel(this.deps.channels, tx, actor.viewer, channelId);
      const heir = await this.requireMember(tx, channelId, userId);
      if (heir.role !== 'OWNER') await this.passOn(tx, actor, channel, own, heir);
      return channel;
    });
  }

  /** Whoever leaves an organization leaves its channels; what they own there passes to the heir. */
  async memberLeft(tx: RecordingTx, actor: Actor, { organizationId, userId, heirId }: Departure): Promise<void> {
    for (const channel of await this.deps.channels.lockOfMember(tx, organizationId, userId)) {
      const member = await this.requireMember(tx, channel.id, userId);
      if (member.role === 'OWNER') await this.passOn(tx, actor, channel, member, await this.requireHeir(tx, channel, heirId));
      const reason = actor.viewer.kind === 'user' && actor.viewer.userId === userId ? 'left' : 'removed';
      await this.part(tx, actor, channel, { ...member, role: 'MEMBER' }, reason);
    }
  }

  private async requireMember(tx: Tx, channelId: string, userId: string): Promise<MemberRecord> {
    const member = await this.deps.channels.findMember(tx, channelId, userId);
    if (member === null) throw channelMemberNotFound();
    return member;
  }

  /** The heir may not have been a member. */
  private async requireHeir(tx: RecordingTx, channel: ChannelRecord, heirId: string): Promise<MemberRecord> {
    const known = await this.deps.channels.findMember(tx, channel.id, heirId);
    if (known !== null) return known;
    await this.deps.channels.insertMembers(tx, channel.id, [heirId], 'MEMBER');
    const member = await this.requireMember(tx, channel.id, heirId);
    tx.record(channelStream(channel.id), memberJoined.record({ member }));
    return member;
  }

  private async passOn(tx: RecordingTx, actor: Actor, channel: ChannelRecord, from: MemberRecord, to: MemberRecord): Promise<void> {
    await this.deps.channels.setRole(tx, channel.id, from.userId, 'MEMBER');
    await this.deps.channels.setRole(tx, channel.id, to.userId, 'OWNER');
    const [owner, previous] = [
      { ...to, role: 'OWNER' as const },
      { ...from, role: 'MEMBER' as const },
    ];
    tx.record(channelStream(channel.id), ownerChanged.record({ owner, previous }));
    this.record(tx, actor, channel, 'channel.handed_over', to.userId);
  }

  private async part(
    tx: RecordingTx,
    actor: Actor,
    channel: ChannelRecord,
    member: MemberRecord,
    reason: 'left' | 'removed',
  ): Promise<void> {
    const refusal = refusalOfLeaving(member);
    if (refusal !== null) throw refusal;
    await this.deps.channels.deleteMember(tx, channel.id, member.userId);
    tx.record(channelStream(channel.id), memberLeft.record({ member, reason }));
    this.record(tx, actor, channel, reason === 'left' ? 'channel.member_left' : 'channel.member_removed', member.userId);
  }

  private record(tx: Tx, actor: Actor, { id, organizationId }: ChannelRecord, action: AuditAction, userId: string): void {
    this.deps.audit.record(tx, actor, { action, organizationId, targetId: id, details: { userId } });
  }
}
