import { randomUUID } from 'node:crypto';
import type WebSocket from 'ws';
import { LightEnding } from '../graphql/lifetime';
import type { Ending } from '../graphql/lifetime';
import type { Limits } from '../graphql/limits';
import type { Viewer } from '../lib/viewer';
import { ANONYMOUS } from '../lib/viewer';
import type { Batch } from '../realtime/delivery-group';
import { Backlog } from './backlog';
import type { Seat } from './connection-caps';
import { OperationBudget } from './operation-budget';
import { writeShared } from './shared-frames';

/**
 * How connections end. graphql-ws clients come back by themselves after 1012, 1013, 4403 and 4408, and give up after 4400, 4401, 4406,
 * 4409, 4429 and 4500: so whatever another try, or a fresh token, can cure must be one of the former.
 */
export const CLOSE = {
  restarting: [1012, 'Service restart'],
  tooSlow: [1013, 'Too slow'],
  tooMany: [1013, 'Too many connections'],
  unavailable: [1013, 'Try again later'],
  badRequest: [4400, 'Bad request'],
  forbidden: [4403, 'Forbidden'],
  expired: [4403, 'Token expired'],
  notGreeted: [4408, 'Connection initialisation timeout'],
  failed: [4500, 'Internal server error'],
} as const satisfies Record<string, readonly [code: number, reason: string]>;

const SLOW_PATIENCE_MS = 2_000;

export interface ConnectionOptions {
  readonly socket: WebSocket;
  readonly address: string;
  readonly seat: Seat;
  readonly limits: Limits;
  readonly rated: boolean;
}

/** One WebSocket: who is at its other end, what runs on it, and how it ends. */
export class Connection {
  /** Written out: Node joins the parts of an id from a tree of strings eight times its size. */
  readonly id = Buffer.from(randomUUID()).toString();
  readonly socket: WebSocket;
  readonly address: string;
  readonly budget: OperationBudget;
  readonly openedAt = performance.now();
  private viewer_: Viewer = ANONYMOUS;
  private readonly seat: Seat;
  private readonly limits: Limits;
  private readonly backlog: Backlog;
  private readonly ending = new LightEnding();
  private operations = 0;
  private requests = 0;
  private onIdle: (() => void) | null = null;
  private greeted = false;
  private heard = true;
  private closeCode_: number | null = null;

  constructor({ socket, address, seat, limits, rated }: ConnectionOptions) {
    this.socket = socket;
    this.address = address;
    this.seat = seat;
    this.limits = limits;
    this.backlog = new Backlog(limits);
    this.budget = new OperationBudget(limits, rated);
    this.socket.on('pong', () => this.hear());
  }

  get viewer(): Viewer {
    return this.viewer_;
  }

  /** Aborts when the connection is ending: nothing may be sent to it any more. */
  get signal(): Ending {
    return this.ending;
  }

  /** How this side ended it; null while it has not. The peer may be gone too far to answer with the same code. */
  get closeCode(): number | null {
    return this.closeCode_;
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

  /** The peer has given a sign of life. */
  hear(): void {
    this.heard = true;
  }

  close([code, reason]: readonly [number, string]): void {
    this.closeCode_ ??= code;
    this.ending.abort();
    this.socket.close(code, reason);
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
  closeWhenIdle(how: readonly [number, string], patienceMs: number): void {
    if (this.requests === 0) return this.close(how);
    const timer = setTimeout(() => this.close(how), patienceMs);
    this.onIdle = () => {
      if (this.requests > 0) return;
      clearTimeout(timer);
      this.close(how);
    };
  }

  /** Takes events that others get as well, for the operation with this id; ends a peer that has fallen too far behind. */
  takeShared(id: Buffer, batch: Batch<string>): void {
    if (this.ending.aborted) return;
    if (!this.backlog.take(batch.items.length, this.socket.bufferedAmount)) return this.endSlow();
    writeShared(this.socket, id, batch);
  }

  /** The close frame stands behind what the peer does not read, so it is not waited for. */
  endSlow(): void {
    if (this.ending.aborted) return;
    this.close(CLOSE.tooSlow);
    setTimeout(() => this.socket.terminate(), SLOW_PATIENCE_MS).unref();
  }

  /** Sends a ping; gives up a peer that has been silent since the last one. */
  checkAlive(): void {
    if (!this.heard) return this.socket.terminate();
    this.heard = false;
    if (this.socket.readyState === this.socket.OPEN) this.socket.ping();
  }

  /** Ends a connection that has not begun to speak in time. */
  checkGreeted(now: number): void {
    if (!this.greeted && now - this.openedAt >= this.limits.connectionInitMs) this.close(CLOSE.notGreeted);
  }

  /** Ends a connection whose viewer's token has expired. */
  checkExpired(now: number): void {
    if (this.viewer_.kind !== 'anonymous' && this.viewer_.expiresAt.getTime() <= now) this.close(CLOSE.expired);
  }

  /** Ends a connection that leaves too much unread for too long. */
  checkStalled(now: number): void {
    if (this.backlog.isStalled(this.socket.bufferedAmount, now)) this.endSlow();
  }

  /** The socket is closed. */
  release(): void {
    this.ending.abort();
    this.seat.release();
  }
}
