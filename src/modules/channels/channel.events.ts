import { defineEvent } from '../../realtime/event';
import type { ChannelState, MemberRecord } from './channel.repository';

/** On the channel's stream. Who is a member from the beginning is not told of. */
export const memberJoined = defineEvent<{ member: MemberRecord }>('channel.member_joined');
/** What they follow in the channel ends with it. */
export const memberLeft = defineEvent<{ member: MemberRecord; reason: 'left' | 'removed' }>('channel.member_left');
/** It was archived, brought back, or given another slow mode: as it is now. */
export const channelChanged = defineEvent<{ state: Omit<ChannelState, 'id'> }>('channel.changed', { dates: ['state.archivedAt'] });
/** The channel was handed over: its owner as they now are. Who owned it before is a member from then on. */
export const ownerChanged = defineEvent<{ owner: MemberRecord; previous: MemberRecord }>('channel.owner_changed');
