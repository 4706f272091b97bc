import { DomainError } from '../../errors/domain-error';
import type { ConnectionHandle } from '../../graphql/context';
import type { Actor } from '../../lib/actor';
import type { Viewer } from '../../lib/viewer';
import type { Kernel } from '../../realtime/kernel';
import type { AuditTrail } from '../audit';
import { connectionNeeded, nothingToRenew, notYourConnection } from './auth.errors';
import { continues } from './renewal.policy';

export interface RenewalDeps {
  readonly kernel: Pick<Kernel, 'unitOfWork'>;
  readonly audit: AuditTrail;
  readonly authenticate: (authorization: string) => Promise<Viewer>;
}

/** An operation on a connection, or on none. */
export interface Connected extends Actor {
  readonly connection: ConnectionHandle | null;
}

/** Fresher tokens for connections that are open already, so that what runs on them goes on. */
export class RenewalService {
  constructor(private readonly deps: RenewalDeps) {}

  /** Until when the connection lasts now. A token that does not go on with the connection's own ends it. */
  async renew(asker: Connected, accessToken: string): Promise<Date> {
    const connection = requireConnection(asker);
    if (connection.viewer.kind === 'anonymous') throw nothingToRenew();
    try {
      const fresh = await this.deps.authenticate(`Bearer ${accessToken}`);
      if (fresh.kind === 'anonymous' || !continues(connection.viewer, fresh)) throw notYourConnection();
      connection.renew(fresh);
      return fresh.expiresAt;
    } catch (error) {
      if (!(error instanceof DomainError) || error.code === 'UNAVAILABLE') throw error;
      await this.recordRefusal(asker, error).finally(() => connection.forbid());
      throw error;
    }
  }

  private recordRefusal(asker: Actor, { reason }: DomainError): Promise<void> {
    return this.deps.kernel.unitOfWork.run(async (tx) =>
      this.deps.audit.record(tx, asker, { action: 'connection.renewal_refused', details: { reason } }),
    );
  }
}

export function requireConnection({ connection }: Pick<Connected, 'connection'>): ConnectionHandle {
  if (connection === null) throw connectionNeeded();
  return connection;
}
