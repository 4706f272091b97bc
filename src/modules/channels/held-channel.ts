import type { Viewer } from '../../lib/viewer';
import { reachesOrganization } from '../../lib/viewer';
import type { Tx } from '../../persistence/database';
import { requireUser } from '../users';
import { channelIds } from './channel-access';
import { channelNotFound } from './channel.errors';
import { refusalOfOwning } from './channel.policy';
import type { ChannelRecord, ChannelRepository, MemberRecord } from './channel.repository';

/** A channel that the transaction holds, and the viewer's membership. */
export interface HeldChannel {
  readonly channel: ChannelRecord;
  readonly own: MemberRecord;
}

/** Nobody else changes the channel, or who belongs to it, until the transaction ends. Throws NOT_FOUND for whoever is no member. */
export async function holdChannel(channels: ChannelRepository, tx: Tx, viewer: Viewer, channelId: string): Promise<HeldChannel> {
  const { userId } = requireUser(viewer);
  const channel = channelIds.is(channelId) ? await channels.lock(tx, channelId) : null;
  if (channel === null || !reachesOrganization(viewer, channel.organizationId)) throw channelNotFound();
  const own = await channels.findMember(tx, channelId, userId);
  if (own === null) throw channelNotFound();
  return { channel, own };
}

/** The same for its owner: FORBIDDEN NOT_CHANNEL_OWNER for other members. */
export async function holdOwnChannel(channels: ChannelRepository, tx: Tx, viewer: Viewer, channelId: string): Promise<HeldChannel> {
  const held = await holdChannel(channels, tx, viewer, channelId);
  const refusal = refusalOfOwning(held.own);
  if (refusal !== null) throw refusal;
  return held;
}
