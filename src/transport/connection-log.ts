import { viewerKey } from '../lib/viewer';
import type { Logger } from '../observability/logger';
import type { Connection } from './connection';

/** What happened to each socket, one line an event, at the level `debug`: never what was sent, nor what it was opened with. */
export class ConnectionLog {
  constructor(private readonly logger: Logger) {}

  opened({ id, address }: Connection): void {
    this.logger.debug({ connectionId: id, address }, 'socket opened');
  }

  /** It is somebody's from here on. */
  greeted({ id, viewer, openedAt }: Connection): void {
    this.logger.debug({ connectionId: id, viewer: viewerKey(viewer) ?? viewer.kind, afterMs: since(openedAt) }, 'socket greeted');
  }

  subscribed({ id }: Connection, requestId: string): void {
    this.logger.debug({ connectionId: id, requestId }, 'subscription asked for');
  }

  closed({ id, endCause, openedAt, traffic }: Connection, code: number): void {
    this.logger.debug({ connectionId: id, code, cause: endCause, ...traffic, durationMs: since(openedAt) }, 'socket closed');
  }
}

function since(moment: number): number {
  return Math.round(performance.now() - moment);
}
