import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import type WebSocket from 'ws';
import { LightEnding } from '../graphql/lifetime';
import type { Ending } from '../graphql/lifetime';
import type { Limits } from '../graphql/limits';
import type { Viewer } from '../lib/viewer';
import { ANONYMOUS } from '../lib/viewer';
import type { Batch } from '../realtime/delivery-group';
import { Backlog } from './backlog';
import { CLOSE } from './closing';
import type { Closing, EndCause } from './closing';
import type { Seat } from './connection-caps';
import { OperationBudget } from './operation-budget';
import { writeShared } from './shared-frames';

/** A client's control frame beside its payload: two bytes of header, four of mask (RFC 6455, 5.2 and 5.5). */
const CONTROL_FRAME_BYTES = 6;

export interface ConnectionOptions {
  readonly socket: WebSocket;
  /** What carries it. */
  readonly stream: Pick<Socket, 'bytesRead'>;
  readonly address: string;
  readonly seat: Seat;
  readonly limits: Limits;
  /** Whether operations and frames per second are limited. */
  readonly rated: boolean;
  /** Among which of the connections it is pinged: not all are at once. */
  readonly pingTurn: number;
}

/** One WebSocket: who is at its other end, what runs on it, and how it ends. */
export class Connection {
  /** Written out: Node joins the parts of an id from a tree of strings eight times its size. */
  readonly id = Buffer.from(randomUUID()).toString();
  readonly socket: WebSocket;
  readonly address: string;
  readonly budget: OperationBudget;
  readonly openedAt = performance.now();
  readonly pingTurn: number;
  private viewer_: Viewer = ANONYMOUS;
  private readonly stream: Pick<Socket, 'bytesRead'>;
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
  private frames = 0;
  /** Bytes read that belong to whole messages and control frames: what goes beyond is part of a message under way. */
  private wholeBytes: number;
  private unfinishedSince: number | null = null;
  private endCode_: number | null = null;
  private endCause_: EndCause = 'peer';

  constructor({ socket, stream, address, seat, limits, rated, pingTurn }: ConnectionOptions) {
    this.socket = socket;
    this.stream = stream;
    this.address = address;
    this.seat = seat;
    this.limits = limits;
    this.rated = rated;
    this.pingTurn = pingTurn;
    this.backlog = new Backlog(limits);
    this.budget = new OperationBudget(limits, rated);
    this.wholeBytes = stream.bytesRead;
    const onControlFrame = ({ length }: Buffer): void => this.hearControlFrame(length);
    this.socket.on('ping', onControlFrame).on('pong', onControlFrame);
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

  /** The peer has sent its `connection_init`. */
  greet(): void {
    this.greeted = true;
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

  /** Ends a connection whose viewer's token has expired. */
  checkExpired(now: number): void {
    if (this.viewer_.kind !== 'anonymous' && this.viewer_.expiresAt.getTime() <= now) this.close('expired');
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

  /** A pong to each of our pings would look like part of a message. */
  private hearControlFrame(payloadBytes: number): void {
    this.heard = true;
    this.wholeBytes = Math.min(this.stream.bytesRead, this.wholeBytes + CONTROL_FRAME_BYTES + payloadBytes);
    if (!this.ending.aborted) this.takeFrame();
  }
}
