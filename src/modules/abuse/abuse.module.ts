import type { RoomParts } from '../../graphql/room';
import type { Kernel } from '../../realtime/kernel';
import type { AuditTrail } from '../audit';
import type { UserService } from '../users';
import { BlockList } from './block-list';
import { BlockRepository } from './block.repository';
import { BlockResolver } from './block.resolver';
import { BlockService } from './block.service';
import { OperationGate } from './operation-gate';

export const abuseResolvers = [BlockResolver] as const;

export interface AbuseDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork' | 'rateLimiter'>;
  readonly audit: AuditTrail;
  readonly users: UserService;
  readonly onError: (error: unknown) => void;
}

export interface AbuseRoom extends RoomParts {
  readonly gate: OperationGate;
  readonly service: BlockService;
  /** Stops reading blocks. Idempotent. */
  close(): Promise<void>;
}

export function createAbuseRoom(deps: AbuseDeps): AbuseRoom {
  const { kernel } = deps;
  const repository = new BlockRepository();
  const list = new BlockList(kernel.database, repository);
  const blocks = new BlockService({ ...deps, blocks: repository, list });
  const gate = new OperationGate({ rateLimiter: kernel.rateLimiter, list, blocks, onError: deps.onError });
  const close = async (): Promise<void> => {
    gate.close();
    await list.close();
  };
  return { gate, service: blocks, resolvers: [new BlockResolver(blocks)], close };
}
