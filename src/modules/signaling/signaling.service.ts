import type { IceConfig } from '../../config/config';
import { RATE_RULES } from '../../graphql/rate-rules';
import type { Clock } from '../../lib/clock';
import type { Ending } from '../../lib/ending';
import { viewerKey } from '../../lib/viewer';
import type { Viewer } from '../../lib/viewer';
import type { Tx } from '../../persistence/database';
import type { Json, Position, StreamEvent, StreamItem } from '../../realtime/event';
import type { Kernel } from '../../realtime/kernel';
import type { RateRule } from '../../realtime/rate-limiter';
import type { RecordingTx } from '../../realtime/unit-of-work';
import type { Attendance, AttendeeRecord } from '../attendees';
import { attendeeIds, attendeeNotFound } from '../attendees';
import type { SessionRecord, SessionService } from '../sessions';
import { iceServersFor } from './ice-servers';
import type { IceServerRecord } from './ice-servers';
import type { InboxPresence } from './inbox-presence';
import { requirePayload } from './signal-payload';
import type { SignalType } from './signal-payload';
import { inboxStream, isForPeer, signalSent } from './signal.events';
import type { SignalSent } from './signal.events';
import { MAX_BROADCAST_BYTES, notPresenting, payloadTooLarge, presentersOnly, signalToOneself, tooManySignals } from './signaling.errors';
import { canShareScreen, canSignalAll } from './signaling.policy';

export interface SignalDraft {
  readonly sessionId: string;
  readonly to?: string | null;
  readonly fromPeer?: string | null;
  readonly toPeer?: string | null;
  readonly type: SignalType;
  readonly payload: unknown;
}

export interface SignalsDraft {
  readonly sessionId: string;
  readonly fromPeer?: string | null;
  readonly signals: readonly (Pick<SignalDraft, 'toPeer' | 'type' | 'payload'> & { readonly to: string })[];
}

export interface SignalingServiceDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork' | 'fanOut' | 'rateLimiter'>;
  readonly ice: IceConfig;
  readonly clock: Clock;
  readonly sessions: SessionService;
  readonly attendance: Attendance;
  readonly presence: InboxPresence;
}

/** Carries signals between the peers of one live session: checked, stamped with who sent them, and put into inboxes. */
export class SignalingService {
  constructor(private readonly deps: SignalingServiceDeps) {}

  /** Answers whether all who were addressed listen at this moment; for those who do not, it waits in the inbox. */
  async send(viewer: Viewer, { sessionId, to, fromPeer = null, toPeer = null, type, payload: given }: SignalDraft): Promise<boolean> {
    const payload = requirePayload(type, given);
    await this.limit(viewer, to ?? null);
    const targets = await this.deps.kernel.unitOfWork.run(async (tx) => {
      const sender = await this.deps.attendance.require(tx, viewer, sessionId);
      const session = await this.deps.sessions.requireLive(tx, sessionId);
      if (type === 'SCREEN_SHARE_STARTED' && !canShareScreen(sender, session)) throw notPresenting();
      const receivers = to == null ? await this.requireAll(tx, sender, session) : [await this.requireOne(tx, sender, to)];
      requireAffordable(payload, receivers.length);
      const event = signalSent.record({ from: sender.id, to: to ?? null, fromPeer, toPeer, type, payload });
      for (const receiver of receivers) tx.record(inboxStream(receiver), event);
      return receivers;
    });
    return this.deps.presence.areListening(sessionId, targets);
  }

  /**
   * All of them or none, in one transaction and as many round trips as one takes. Answers those who do not listen at this moment: theirs
   * wait in their inboxes.
   */
  async sendMany(viewer: Viewer, { sessionId, fromPeer = null, signals }: SignalsDraft): Promise<string[]> {
    const checked = signals.map((signal) => ({ ...signal, payload: requirePayload(signal.type, signal.payload) }));
    await this.consume(RATE_RULES.signals, viewerKey(viewer) ?? '', signals.length);
    const receivers = [...new Set(signals.map(({ to }) => to))];
    await this.deps.kernel.unitOfWork.run(async (tx) => {
      const sender = await this.deps.attendance.require(tx, viewer, sessionId);
      await this.deps.sessions.requireLive(tx, sessionId);
      await this.requireEach(tx, sender, receivers);
      for (const { to, toPeer = null, type, payload } of checked) {
        tx.record(inboxStream(to), signalSent.record({ from: sender.id, to, fromPeer, toPeer, type, payload }));
      }
    });
    return this.deps.presence.listAbsent(sessionId, receivers);
  }

  /** By the server itself, on behalf of one attendee to another: what came of what that one has reported. */
  tell(tx: RecordingTx, { from, to, type, payload }: Pick<SignalSent, 'from' | 'type' | 'payload'> & { readonly to: string }): void {
    tx.record(inboxStream(to), signalSent.record({ from, to, fromPeer: null, toPeer: null, type, payload }));
  }

  /** The viewer's own inbox, while the viewer is present: what is for any device of theirs, and for this one. */
  async follow(
    viewer: Viewer,
    sessionId: string,
    after: Position | null,
    signal: Ending,
    peerId: string | null = null,
  ): Promise<AsyncIterableIterator<StreamItem>> {
    const { kernel, attendance, presence } = this.deps;
    const { attendee, end } = await attendance.follow(viewer, sessionId, signal);
    const accept = (event: StreamEvent): boolean => isForPeer(event, peerId);
    const inbox = await kernel.fanOut.follow(inboxStream(attendee.id), { after, signal: end, accept });
    await presence.hold(sessionId, attendee.id, end);
    return inbox;
  }

  async list(
    viewer: Viewer,
    sessionId: string,
    after: Position | null,
    first: number,
    peerId: string | null = null,
  ): Promise<StreamItem[]> {
    const { kernel, attendance } = this.deps;
    const attendee = await attendance.require(kernel.database, viewer, sessionId);
    attendance.see(attendee);
    return kernel.fanOut.page(inboxStream(attendee.id), { after, first, accept: (event) => isForPeer(event, peerId) });
  }

  /** Credentials for whoever is present, until the session is over. */
  async listIceServers(viewer: Viewer, sessionId: string): Promise<IceServerRecord[]> {
    const { kernel, attendance, sessions, ice, clock } = this.deps;
    const attendee = await attendance.require(kernel.database, viewer, sessionId);
    await sessions.requireOpen(kernel.database, sessionId);
    return iceServersFor(ice, attendee.id, clock.now());
  }

  private async limit(viewer: Viewer, to: string | null): Promise<void> {
    if (to !== null && !attendeeIds.is(to)) throw attendeeNotFound();
    await this.consume(RATE_RULES.signal, `${viewerKey(viewer) ?? ''}:${to ?? '*'}`, 1);
  }

  private async consume(rule: RateRule, key: string, cost: number): Promise<void> {
    const decision = await this.deps.kernel.rateLimiter.consume(rule, key, cost);
    if (!decision.allowed) throw tooManySignals(decision.retryAfterMs);
  }

  private async requireEach(tx: Tx, sender: AttendeeRecord, receivers: readonly string[]): Promise<void> {
    if (receivers.includes(sender.id)) throw signalToOneself();
    const places = await this.deps.attendance.listAmong(tx, sender.sessionId, receivers);
    for (const id of receivers) if (!attendeeIds.is(id) || places.get(id)?.status !== 'PRESENT') throw attendeeNotFound();
  }

  /** Whoever is not here now gets nothing: neither those who left, nor those of another session. */
  private async requireOne(tx: Tx, sender: AttendeeRecord, to: string): Promise<string> {
    if (to === sender.id) throw signalToOneself();
    const receiver = await this.deps.attendance.findById(tx, sender.sessionId, to);
    if (receiver?.status !== 'PRESENT') throw attendeeNotFound();
    return receiver.id;
  }

  private async requireAll(tx: Tx, sender: AttendeeRecord, session: SessionRecord): Promise<string[]> {
    if (!canSignalAll(sender, session)) throw presentersOnly();
    const present = await this.deps.attendance.listPresent(tx, session.id);
    return present.map(({ id }) => id).filter((id) => id !== sender.id);
  }
}

/** Each inbox gets its own copy. */
function requireAffordable(payload: Json, receivers: number): void {
  if (receivers > 1 && Buffer.byteLength(JSON.stringify(payload)) * receivers > MAX_BROADCAST_BYTES) throw payloadTooLarge();
}
