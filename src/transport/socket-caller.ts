import type { Ending } from '../lib/ending';
import type { Caller } from '../graphql/pipeline';
import type { Viewer } from '../lib/viewer';
import type { Batch } from '../realtime/delivery-group';
import type { Connection } from './connection';

/** Who asks for an operation on a socket. One object rather than a closure for each of its parts: an idle subscription keeps it. */
export class SocketCaller implements Caller {
  readonly transport = 'ws';
  private idAsJson: Buffer | null = null;

  constructor(
    readonly connection: Connection,
    readonly requestId: string,
    private readonly operationId: string,
  ) {}

  get address(): string {
    return this.connection.address;
  }

  get signal(): Ending {
    return this.connection.signal;
  }

  authenticate(): Promise<Viewer> {
    return Promise.resolve(this.connection.viewer);
  }

  onTooSlow(): void {
    this.connection.endSlow();
  }

  takeShared(batch: Batch<string>): void {
    this.connection.takeShared((this.idAsJson ??= Buffer.from(JSON.stringify(this.operationId))), batch);
  }
}
