import type { Viewer } from '../../lib/viewer';
import { viewerIds } from '../../lib/viewer';
import type { Kernel } from '../../realtime/kernel';
import { requireUser } from '../users';
import type { ChannelAccess } from './channel-access';
import type { ChannelRecord, ChannelRepository, ChannelSearch, JoinedMember, MemberPage } from './channel.repository';

export type DirectoryPage = Omit<ChannelSearch, 'userId'>;

/** A member as others see them now. */
export type ListedMember = JoinedMember & { readonly online: boolean };

export interface MembersPage extends Omit<MemberPage, 'among'> {
  readonly onlineOnly: boolean;
}

export interface ListedMembers {
  readonly members: readonly ListedMember[];
  readonly total: number;
  readonly online: number;
}

export interface ChannelDirectoryDeps {
  readonly kernel: Pick<Kernel, 'database'>;
  readonly channels: ChannelRepository;
  readonly access: ChannelAccess;
}

/** Which channels somebody is a member of, and who else is. */
export class ChannelDirectory {
  constructor(private readonly deps: ChannelDirectoryDeps) {}

  /** Newest first; an API key sees those of its organization. */
  async list(viewer: Viewer, page: DirectoryPage): Promise<ChannelRecord[]> {
    const user = requireUser(viewer);
    const within = user.key?.organizationId;
    if (within !== undefined && page.organizationId != null && page.organizationId !== within) return [];
    const organizationId = within ?? page.organizationId;
    return this.deps.channels.search(this.deps.kernel.database.as(viewerIds(viewer)), { ...page, organizationId, userId: user.userId });
  }

  /** In the order of joining. Null for whoever does not write in the channel, and for a session's own: its attendees are listed elsewhere. */
  async listMembers(viewer: Viewer, channelId: string, { onlineOnly, ...page }: MembersPage): Promise<ListedMembers | null> {
    const { kernel, channels, access } = this.deps;
    const database = kernel.database.as(viewerIds(viewer));
    const place = await access.find(database, viewer, channelId, 'speak');
    if (place === null || place.attendee !== null) return null;
    const connected = await access.presence.list(channelId);
    const [members, total, online] = await Promise.all([
      channels.pageMembers(database, channelId, { ...page, among: onlineOnly ? connected : null }),
      channels.countMembers(database, channelId, null),
      channels.countMembers(database, channelId, connected),
    ]);
    const here = new Set(connected);
    return { members: members.map((member) => ({ ...member, online: here.has(member.userId) })), total, online };
  }
}
