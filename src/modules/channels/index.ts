/** Conversations: who may read and write them. What is written in them belongs to `messages`. */
export { Channel, toChannel } from './channel.type';
export { Sender, toSender } from './sender.type';
/** The one place that decides rights in a channel: by membership, or by attendance for a session's own channel. */
export { ChannelAccess, channelIds, channelStream, participantIdOf } from './channel-access';
export type { ChannelPlace, KnownChannel, Participant } from './channel-access';
export { channelNotFound } from './channel.errors';
export type { ChannelRight } from './channel.policy';
export { ChannelType } from './channel.repository';
export type { ChannelRecord } from './channel.repository';
/** Who came, left and was handed a channel: events on its stream, beside the messages. */
export { ChannelChanged, ChannelMemberJoined, ChannelMemberLeft, ChannelOwnerChanged, toMembershipEvent } from './channel-event.type';
export type { ChannelPresence } from './channel-presence';
export { ChannelMembershipService } from './channel-membership.service';
export { ChannelService } from './channel.service';
