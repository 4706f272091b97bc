import type { Ending } from '../../lib/ending';
import type { Viewer } from '../../lib/viewer';
import { viewerIds } from '../../lib/viewer';
import type { Kernel } from '../../realtime/kernel';
import type { ChannelAccess } from '../channels';
import { TypingReader } from './typing-reader';
import type { Typing } from './typing-reader';
import { TypingThrottle } from './typing-throttle';

/** Who is typing where: ephemeral, told to those who look at that moment, never stored. */
export class TypingService {
  private readonly throttle = new TypingThrottle();

  constructor(
    private readonly kernel: Pick<Kernel, 'database' | 'ephemeral'>,
    private readonly access: ChannelAccess,
  ) {}

  async set(viewer: Viewer, channelId: string, typing: boolean): Promise<void> {
    const { participant } = await this.access.require(this.kernel.database.as(viewerIds(viewer)), viewer, channelId, 'post');
    if (!this.throttle.admits(`${channelId}:${participant.id}`, typing)) return;
    const news: Typing = { senderId: participant.id, senderName: participant.displayName, typing };
    this.kernel.ephemeral.publish(topicOf(channelId), { ...news });
  }

  /** Everybody's typing but the viewer's own, until the viewer loses the place in the channel. */
  async follow(viewer: Viewer, channelId: string, signal: Ending): Promise<AsyncIterableIterator<Typing>> {
    const { participant, end } = await this.access.follow(this.kernel.database.as(viewerIds(viewer)), viewer, channelId, signal);
    return new TypingReader(await this.kernel.ephemeral.follow(topicOf(channelId), end), participant.id);
  }
}

function topicOf(channelId: string): string {
  return `typing:${channelId}`;
}
