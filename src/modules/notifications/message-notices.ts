import type { StreamEvent } from '../../realtime/event';
import type { RecordingTx } from '../../realtime/unit-of-work';
import type { Attendance } from '../attendees';
import type { ChannelAccess, ChannelRecord } from '../channels';

import type { MessageService, MessageSnapshot } from '../messages';
import { messageAdded } from '../messages';
import type { SessionService } from '../sessions';
import type { NoticeSource } from './notice-source';
import { draft } from './notice-source';
import type { NotificationDraft } from './notification.repository';

export interface MessageNoticesDeps {
  readonly sessions: SessionService;
  readonly attendance: Attendance;
  readonly channelAccess: ChannelAccess;
  readonly messages: MessageService;
}

/**
 * Messages in channels, to their members: one notification for each channel and member, which counts them until it is read, and one for each
 * mention. Of the chat of a session, where people are, mentions alone. Whoever has acknowledged a message before it is told of has seen it, and is not told. What was
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
      if (channel === null) continue;
      if (channel.sessionId === null) drafts.push(...(await this.ofChannel(tx, channel, messages)));
      else drafts.push(...(await this.ofChat(tx, channel, channel.sessionId, messages)));
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
      if (last === undefined) return [];
      const mentions = unread.filter((message) => mentioned(message).includes(userId));
      return [draftOf(userId, channel, last, unread.length), ...mentions.map((message) => mentionOf(userId, message, channel.name))];
    });
  }

  /** Of the chat of a session nothing but mentions, to accounts with a place in it. */
  private async ofChat(
    tx: RecordingTx,
    channel: ChannelRecord,
    sessionId: string,
    messages: readonly MessageSnapshot[],
  ): Promise<NotificationDraft[]> {
    const ids = messages.flatMap(mentioned);
    if (ids.length === 0) return [];
    const session = await this.deps.sessions.find(tx, sessionId);
    const places = await this.deps.attendance.listAmong(tx, sessionId, [...new Set(ids)]);
    const markers = await this.deps.messages.listMarkers(tx, [channel.id], ids);
    const seen = new Map(markers.map(({ participantId, offset }) => [participantId, offset]));
    return messages.flatMap((message) =>
      mentioned(message)
        .filter((id) => id !== message.senderId && places.get(id)?.userId === id && places.get(id)?.status !== 'REMOVED')
        .filter((id) => message.offset > (seen.get(id) ?? 0))
        .map((userId) => mentionOf(userId, message, `“${session?.title ?? ''}”`)),
    );
  }
}

function mentioned(message: MessageSnapshot): string[] {
  return (message.mentions ?? []).map(({ id }) => id);
}

function mentionOf(userId: string, message: MessageSnapshot, place: string): NotificationDraft {
  return draft({
    userId,
    key: `mention:${message.id}`,
    type: 'MENTION',
    priority: 'HIGH',
    title: `${message.senderName} mentioned you in ${place}`,
    subjectId: message.id,
    data: { channelId: message.channelId, messageId: message.id, senderName: message.senderName },
  });
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
