import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import type WebSocket from 'ws';
import type { ConnectionHandle } from '../graphql/context';
import type { Gate } from '../graphql/gate';
import { LightEnding } from '../lib/ending';
import type { Ending } from '../lib/ending';
import type { Limits } from '../graphql/limits';
import type { Viewer } from '../lib/viewer';
import { ANONYMOUS } from '../lib/viewer';
import type { Batch } from '../realtime/delivery-group';
import { Backlog } from './backlog';
import { CLOSE } from './closing';
import type { Closing, EndCause } from './closing';
import type { Seat } from './connection-caps';
import { ExpiryWarnings } from './expiry-warnings';
import { OperationBudget } from './operation-budget';
import { writeShared } from './socket-frames';
import { expiryPing } from './socket-messages';

/** A client's control frame beside its payload: two bytes of header, four of mask (RFC 6455, 5.2 and 5.5). */
const CONTROL_FRAME_BYTES = 6;
/** Time enough to fetch a fresh token, and to try again. */
const EXPIRY_WARNING_MS = 60_000;

export interface ConnectionOptions {
  readonly socket: WebSocket;
  /** What carries it. */
  readonly stream: Pick<Socket, 'bytesRead' | 'bytesWritten'>;
  readonly address: string;
  readonly seat: Seat;
  readonly limits: Limits;
  /** Whether operations and frames per second are limited. */
  readonly rated: boolean;
  /** Among which of the connections it is pinged: not all are at once. */
  readonly pingTurn: number;
  /** Of the cookie that came with the upgrade. */
  readonly authorization: string | null;
}

/** One WebSocket: who is at its other end, what runs on it, and how it ends. */
export class Connection implements ConnectionHandle {
  /** Written out: Node joins the parts of an id from a tree of strings eight times its size. */
  readonly id = Buffer.from(randomUUID()).toString();
  readonly socket: WebSocket;
  readonly address: string;
  readonly budget: OperationBudget;
  readonly openedAt = performance.now();
  readonly pingTurn: number;
  private viewer_: Viewer = ANONYMOUS;
  private readonly stream: Pick<Socket, 'bytesRead' | 'bytesWritten'>;
  private readonly seat: Seat;
  private readonly limits: Limits;
  private readonly rated: boolean;
  private readonly backlog: Backlog;
  private readonly ending = new LightEnding();
  private operations = 0;
  private requests = 0;
  private onIdle: (() => void) | null = null;
  private greeted = false;
  private heard = true;
  /** That its token is about to expire. */
  private warned = false;
  private warnings: Set<ExpiryWarnings> | null = null;
  private frames = 0;
  /** Bytes read that belong to whole messages and control frames: what goes beyond is part of a message under way. */
  private wholeBytes: number;
  private unfinishedSince: number | null = null;
  private authorization: string | null;
  private endCode_: number | null = null;
  private endCause_: EndCause = 'peer';

  constructor({ socket, stream, address, seat, limits, rated, pingTurn, authorization }: ConnectionOptions) {
    this.socket = socket;
    this.stream = stream;
    this.address = address;
    this.seat = seat;
    this.limits = limits;
    this.rated = rated;
    this.pingTurn = pingTurn;
    this.authorization = authorization;
    this.backlog = new Backlog(limits);
    this.budget = new OperationBudget(limits, rated);
    this.wholeBytes = stream.bytesRead;
  }

  get viewer(): Viewer {
    return this.viewer_;
  }

  /** Aborts when the connection is ending: nothing may be sent to it any more. */
  get signal(): Ending {
    return this.ending;
  }

  /** How this side ended it; null while it has not. The peer may be gone too far to answer with the same code. */
  get endCode(): number | null {
    return this.endCode_;
  }

  /** Who or what ended it; `peer` while it lasts. */
  get endCause(): EndCause {
    return this.endCause_;
  }

  /** So far; the handshake is part of it. */
  get traffic(): { readonly bytesIn: number; readonly bytesOut: number; readonly operations: number } {
    return { bytesIn: this.stream.bytesRead, bytesOut: this.stream.bytesWritten, operations: this.operations };
  }

  /** Under its own id for each operation, with the connection's in front. */
  nextRequestId(): string {
    this.operations += 1;
    return `${this.id}.${this.operations}`;
  }

  /** From here on this is the viewer, until its token expires. False when it has too many connections already. */
  identify(viewer: Viewer): boolean {
    if (this.seat.identify(viewer) !== null) return false;
    this.viewer_ = viewer;
    return true;
  }

  renew(viewer: Viewer): void {
    this.viewer_ = viewer;
    this.warned = false;
  }

  forbid(): void {
    setImmediate(() => this.close('forbidden'));
  }

  expirations(signal: AbortSignal): ExpiryWarnings {
    const reader = new ExpiryWarnings(signal, (ended) => this.warnings?.delete(ended));
    if (signal.aborted) return reader;
    this.warnings ??= new Set();
    this.warnings.add(reader);
    if (this.warned && this.viewer_.kind !== 'anonymous') reader.tell(this.viewer_.expiresAt);
    return reader;
  }

  /** The peer has sent its `connection_init`. */
  greet(): void {
    this.greeted = true;
  }

  /** Once: a token is kept no longer than until it is checked. */
  takeAuthorization(): string | null {
    const { authorization } = this;
    this.authorization = null;
    return authorization;
  }

  /** A message has arrived whole. */
  hearMessage(): void {
    this.heard = true;
    this.wholeBytes = this.stream.bytesRead;
    this.unfinishedSince = null;
  }

  /**
   * Counts a frame that starts no operation: a ping, a pong, any other message. Operations have a budget of their own, so that an honest
   * sender is never near this bound. False when it was one too many, which ends the connection.
   */
  takeFrame(): boolean {
    if (!this.rated) return true;
    this.frames += 1;
    if (this.frames <= this.limits.framesBurst) return true;
    this.close('tooManyFrames');
    return false;
  }

  /** Ends it for a reason of ours. */
  close(closing: Closing): void {
    const [code, reason] = CLOSE[closing];
    this.closeWith(closing, code, reason);
  }

  closeWith(cause: EndCause, code: number, reason: string): void {
    this.endedWith(cause, code);
    this.socket.close(code, reason);
  }

  /** The socket is closing, with this code. */
  endedWith(cause: EndCause, code: number): void {
    if (this.endCode_ === null) [this.endCause_, this.endCode_] = [cause, code];
    this.ending.abort();
  }

  /** Counts a query or mutation as in flight until it settles. */
  async inFlight<T>(work: Promise<T>): Promise<T> {
    this.requests += 1;
    try {
      return await work;
    } finally {
      this.requests -= 1;
      // After the answer has been written.
      if (this.requests === 0) setImmediate(() => this.onIdle?.());
    }
  }

  /** Lets queries and mutations in flight be answered first, for at most so long. */
  closeWhenIdle(closing: Closing, patienceMs: number): void {
    if (this.requests === 0) return this.close(closing);
    const timer = setTimeout(() => this.close(closing), patienceMs);
    this.onIdle = () => {
      if (this.requests > 0) return;
      clearTimeout(timer);
      this.close(closing);
    };
  }

  /** Takes events that others get as well, for the operation with this id; ends a peer that has fallen too far behind. */
  takeShared(id: Buffer, batch: Batch<string>): void {
    if (this.ending.aborted) return;
    if (!this.backlog.take(batch.items.length, this.socket.bufferedAmount)) return this.endSlow();
    writeShared(this.socket, id, batch);
  }

  endSlow(): void {
    if (!this.ending.aborted) this.close('tooSlow');
  }

  /** Sends a ping; gives up a peer that has been silent since the last one. */
  checkAlive(): void {
    if (!this.heard) return this.socket.terminate();
    this.heard = false;
    if (this.socket.readyState === this.socket.OPEN) this.socket.ping();
  }

  /** Ends a connection that has not begun to speak in time. */
  checkGreeted(now: number): void {
    if (!this.greeted && now - this.openedAt >= this.limits.connectionInitMs) this.close('notGreeted');
  }

  /** Ends a connection whose viewer's token has expired; warns its peer in time. */
  checkExpired(now: number): void {
    if (this.viewer_.kind === 'anonymous') return;
    const { expiresAt } = this.viewer_;
    const leftMs = expiresAt.getTime() - now;
    if (leftMs <= 0) this.close('expired');
    else if (leftMs <= EXPIRY_WARNING_MS && !this.warned) this.warn(expiresAt);
  }

  /** Ends a connection whose viewer, or whose address when nobody has signed in on it, has been blocked. */
  checkBlocked(gate: Gate): void {
    if (gate.blockedForMs(this) > 0) this.close('blocked');
  }

  /** Ends a connection that leaves too much unread for too long. */
  checkStalled(now: number): void {
    if (this.backlog.isStalled(this.socket.bufferedAmount, now)) this.endSlow();
  }

  /** Lets so many more frames come. */
  allowFrames(count: number): void {
    this.frames = this.frames > count ? this.frames - count : 0;
  }

  /**
   * Ends a connection that sends a message bit by bit for too long. What came together with the end of the message before is not seen until
   * more of it comes; that much, less than one read, may stay.
   */
  checkFinished(now: number): void {
    if (this.stream.bytesRead <= this.wholeBytes) return;
    this.unfinishedSince ??= now;
    if (now - this.unfinishedSince >= this.limits.messageMs) this.close('unfinished');
  }

  /** The socket is closed. */
  release(): void {
    this.ending.abort();
    this.seat.release();
  }

  /** By a ping of the protocol too, for clients that have subscribed to nothing. */
  private warn(expiresAt: Date): void {
    this.warned = true;
    if (this.socket.readyState === this.socket.OPEN) this.socket.send(expiryPing(expiresAt));
    for (const reader of this.warnings ?? []) reader.tell(expiresAt);
  }

  /** A pong to each of our pings would look like part of a message. */
  hearControlFrame(payloadBytes: number): void {
    this.heard = true;
    this.wholeBytes = Math.min(this.stream.bytesRead, this.wholeBytes + CONTROL_FRAME_BYTES + payloadBytes);
    if (!this.ending.aborted) this.takeFrame();
  }
}
