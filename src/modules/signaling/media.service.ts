import type { LivekitConfig } from '../../config/config';
import type { Clock } from '../../lib/clock';
import type { Viewer } from '../../lib/viewer';
import type { Kernel } from '../../realtime/kernel';
import type { Attendance } from '../attendees';
import type { SessionService } from '../sessions';
import { mintMediaToken } from './media-token';
import type { MediaTokenRecord } from './media-token';
import { noMediaServer } from './signaling.errors';

export interface MediaServiceDeps {
  readonly kernel: Pick<Kernel, 'database'>;
  readonly livekit: LivekitConfig | null;
  readonly clock: Clock;
  readonly sessions: SessionService;
  readonly attendance: Attendance;
}

/** The way to the media server. Whether it is to be taken says `Session.mediaMode`; the token is there in either mode, so that who moves is ready. */
export class MediaService {
  constructor(private readonly deps: MediaServiceDeps) {}

  async mintToken(viewer: Viewer, sessionId: string): Promise<MediaTokenRecord> {
    const { kernel, attendance, sessions, livekit, clock } = this.deps;
    const attendee = await attendance.require(kernel.database, viewer, sessionId);
    const session = await sessions.requireLive(kernel.database, sessionId);
    if (livekit === null) throw noMediaServer();
    return mintMediaToken(livekit, attendee, session, clock.now());
  }
}
