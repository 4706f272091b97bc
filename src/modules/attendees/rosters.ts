import type { Kernel } from '../../realtime/kernel';
import type { AttendeeRepository } from './attendee.repository';
import { Roster } from './roster';

export interface Follower {
  readonly sessionId: string;
  readonly attendeeId: string;
}

/** Longer than clients wait before they come back, so that those who were cut off together find the roster of before. */
const LINGER_MS = 10_000;

interface Kept {
  readonly roster: Promise<Roster>;
  /** The same, once it is there. */
  opened: Roster | null;
  /** Runs out when nobody has come or gone for a while. */
  readonly patience: NodeJS.Timeout;
}

/** One roster for each session that is followed here. */
export class Rosters {
  /** Told when an attendee begins to follow something here, and when they follow nothing any more. */
  onCrossing: (follower: Follower) => void = () => undefined;
  private readonly kept = new Map<string, Kept>();

  constructor(
    private readonly kernel: Pick<Kernel, 'database' | 'fanOut'>,
    private readonly attendees: AttendeeRepository,
  ) {}

  /** Whether somebody here follows, or has just followed, something in the session. */
  has(sessionId: string): boolean {
    return this.kept.has(sessionId);
  }

  /** Of a session that exists. */
  open(sessionId: string): Promise<Roster> {
    const kept = this.kept.get(sessionId) ?? this.create(sessionId);
    kept.patience.refresh();
    return kept.roster;
  }

  /** Everybody who follows something here now. */
  *followers(): Generator<Follower> {
    for (const [sessionId, { opened }] of this.kept) {
      for (const attendeeId of opened?.followers() ?? []) yield { sessionId, attendeeId };
    }
  }

  isFollowed({ sessionId, attendeeId }: Follower): boolean {
    return this.kept.get(sessionId)?.opened?.isFollowedBy(attendeeId) ?? false;
  }

  private create(sessionId: string): Kept {
    const patience = setTimeout(() => void this.closeIfIdle(sessionId), LINGER_MS).unref();
    const deps = { kernel: this.kernel, attendees: this.attendees, sessionId };
    const roster = Roster.open(deps, (attendeeId) => {
      patience.refresh();
      this.onCrossing({ sessionId, attendeeId });
    });
    const kept: Kept = { roster, opened: null, patience };
    this.kept.set(sessionId, kept);
    roster.then(
      (opened) => (kept.opened = opened),
      () => this.forget(sessionId),
    );
    return kept;
  }

  private async closeIfIdle(sessionId: string): Promise<void> {
    const roster = await this.kept.get(sessionId)?.roster;
    if (roster?.isIdle !== true) return;
    this.forget(sessionId);
    roster.close();
  }

  private forget(sessionId: string): void {
    clearTimeout(this.kept.get(sessionId)?.patience);
    this.kept.delete(sessionId);
  }
}
