/**
 * One WebRTC connection over Parley's signals. Copy this file into your application; it needs nothing but a browser.
 *
 * It is the "perfect negotiation" of the WebRTC specification: either side may add or drop tracks, or restart, whenever it likes. When both
 * offer at once the impolite side's offer counts. Who is polite: of a call its callee, else whoever has the greater attendee id
 * (`isPolite`), so that both sides know without asking.
 *
 * Signals that come late, twice or for a negotiation that is over do no harm; those of one sender must come in order, as an inbox has them.
 */
export type PeerSignalType = 'OFFER' | 'ANSWER' | 'ICE_CANDIDATE' | 'ICE_RESTART' | 'RENEGOTIATE' | 'END';

export interface PeerSignal {
  readonly type: PeerSignalType;
  readonly payload: unknown;
}

export interface PeerOptions {
  /** From `iceServers`. */
  readonly configuration: RTCConfiguration;
  readonly polite: boolean;
  /** Passes a signal on with `sendSignal`. Calls of it are made one after the other. */
  readonly send: (signal: PeerSignal) => Promise<unknown>;
  readonly onError?: (error: unknown) => void;
}

/** Candidates that come within so many milliseconds share a signal. */
const GATHERING_MS = 20;

export function isPolite(ownAttendeeId: string, theirAttendeeId: string): boolean {
  return ownAttendeeId > theirAttendeeId;
}

export class ParleyPeer {
  readonly connection: RTCPeerConnection;
  private makingOffer = false;
  private ignoresOffer = false;
  private isRestarting = false;
  private readonly gathered: RTCIceCandidateInit[] = [];
  /** What is to be done goes one after the other, in both directions. */
  private receiving: Promise<unknown> = Promise.resolve();
  private sending: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: PeerOptions) {
    const connection = new RTCPeerConnection(options.configuration);
    connection.onnegotiationneeded = () => void this.offer().catch(this.report);
    connection.onicecandidate = ({ candidate }) => this.gather(candidate);
    connection.oniceconnectionstatechange = () => {
      if (connection.iceConnectionState === 'failed') this.restart();
    };
    this.connection = connection;
  }

  /** Takes what came from the other side, in the order it came. */
  receive(signal: PeerSignal): Promise<void> {
    const taken = this.receiving.then(() => this.take(signal));
    this.receiving = taken.catch(this.report);
    return taken;
  }

  /** New ICE credentials and candidates, for a connection that was lost. Media goes on when it comes back. */
  restart(): void {
    this.isRestarting = true;
    this.connection.restartIce();
  }

  async close(): Promise<void> {
    this.connection.close();
    await this.pass('END', {});
  }

  private async offer(): Promise<void> {
    const { connection } = this;
    const type = this.isRestarting ? 'ICE_RESTART' : connection.currentRemoteDescription === null ? 'OFFER' : 'RENEGOTIATE';
    this.isRestarting = false;
    try {
      this.makingOffer = true;
      await connection.setLocalDescription();
      await this.describe(type);
    } finally {
      this.makingOffer = false;
    }
  }

  private async take({ type, payload }: PeerSignal): Promise<void> {
    if (type === 'END') return this.connection.close();
    if (type === 'ICE_CANDIDATE') return this.takeCandidates(payload);
    const { sdp } = payload as { readonly sdp?: string };
    // Without a description it is the other side, or the server, that asks for one.
    if (sdp === undefined) return type === 'ICE_RESTART' ? this.restart() : this.offer();
    return this.takeDescription({ type: type === 'ANSWER' ? 'answer' : 'offer', sdp });
  }

  private async takeDescription(description: RTCSessionDescriptionInit): Promise<void> {
    const { connection } = this;
    const collides = description.type === 'offer' && (this.makingOffer || connection.signalingState !== 'stable');
    this.ignoresOffer = collides && !this.options.polite;
    if (this.ignoresOffer) return;
    await connection.setRemoteDescription(description);
    if (description.type !== 'offer') return;
    await connection.setLocalDescription();
    await this.describe('ANSWER');
  }

  private async takeCandidates(payload: unknown): Promise<void> {
    const candidates = (Array.isArray(payload) ? payload : [payload]) as RTCIceCandidateInit[];
    for (const candidate of candidates) {
      try {
        await this.connection.addIceCandidate(candidate);
      } catch (error) {
        // Those of an offer that was not taken have nothing to belong to.
        if (!this.ignoresOffer) throw error;
      }
    }
  }

  private gather(candidate: RTCIceCandidate | null): void {
    if (candidate === null) return;
    if (this.gathered.push(candidate.toJSON()) > 1) return;
    setTimeout(() => {
      void this.pass('ICE_CANDIDATE', this.gathered.splice(0)).catch(this.report);
    }, GATHERING_MS);
  }

  private async describe(type: PeerSignalType): Promise<void> {
    const { localDescription } = this.connection;
    if (localDescription !== null) await this.pass(type, { type: localDescription.type, sdp: localDescription.sdp });
  }

  private pass(type: PeerSignalType, payload: unknown): Promise<unknown> {
    const sent = this.sending.then(() => this.options.send({ type, payload }));
    this.sending = sent.catch(() => undefined);
    return sent;
  }

  private readonly report = (error: unknown): void => {
    // What fails after the end has ended with it.
    if (this.connection.signalingState !== 'closed') this.options.onError?.(error);
  };
}
