import type { StreamEvent } from '../../realtime/event';
import type { RecordingTx } from '../../realtime/unit-of-work';
import type { ChannelAccess, ChannelRecord } from '../channels';

import type { MessageService, MessageSnapshot } from '../messages';
import { messageAdded } from '../messages';
import type { NoticeSource } from './notice-source';
import { draft } from './notice-source';
import type { NotificationDraft } from './notification.repository';

export interface MessageNoticesDeps {
  readonly channelAccess: ChannelAccess;
  readonly messages: MessageService;
}

/**
 * Messages in channels, to their members: one notification for each channel and member, which counts them until it is read. Not in the
 * chat of a session, where people are. Whoever has acknowledged a message before it is told of has seen it, and is not told. What was
 * written is left out: it may be edited, and taken back.
 */
export class MessageNotices implements NoticeSource {
  readonly types = [messageAdded.type];

  constructor(private readonly deps: MessageNoticesDeps) {}

  async draftsOf(tx: RecordingTx, events: readonly StreamEvent[]): Promise<NotificationDraft[]> {
    const byChannel = new Map<string, MessageSnapshot[]>();
    for (const event of events) {
      const { message } = messageAdded.read(event);
      byChannel.set(message.channelId, [...(byChannel.get(message.channelId) ?? []), { ...message, offset: event.offset }]);
    }
    const drafts: NotificationDraft[] = [];
    for (const [channelId, messages] of byChannel) {
      const channel = await this.deps.channelAccess.findChannel(tx, channelId);
      if (channel !== null && channel.sessionId === null) drafts.push(...(await this.ofChannel(tx, channel, messages)));
    }
    return drafts;
  }

  private async ofChannel(tx: RecordingTx, channel: ChannelRecord, messages: readonly MessageSnapshot[]): Promise<NotificationDraft[]> {
    const members = await this.deps.channelAccess.listMemberIds(tx, channel.id);
    const markers = await this.deps.messages.listMarkers(tx, [channel.id], members);
    const seen = new Map(markers.map(({ participantId, offset }) => [participantId, offset]));
    return members.flatMap((userId) => {
      const unread = messages.filter(({ senderId, offset }) => senderId !== userId && offset > (seen.get(userId) ?? 0));
      const last = unread.at(-1);
      return last === undefined ? [] : [draftOf(userId, channel, last, unread.length)];
    });
  }
}

function draftOf(userId: string, channel: ChannelRecord, last: MessageSnapshot, count: number): NotificationDraft {
  return draft({
    userId,
    key: `messages:${channel.id}`,
    type: 'NEW_MESSAGE',
    title: `New messages in ${channel.name}`,
    subjectId: channel.id,
    data: { channelId: channel.id, senderName: last.senderName },
    count,
    lastOffset: last.offset,
  });
}
