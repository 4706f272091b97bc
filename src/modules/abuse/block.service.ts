import { isIP } from 'node:net';
import type { Actor } from '../../lib/actor';
import { idKind, prefixOf } from '../../lib/ids';
import type { Viewer } from '../../lib/viewer';
import type { Kernel } from '../../realtime/kernel';
import type { AuditTrail } from '../audit';
import type { UserService } from '../users';
import { userIds } from '../users';
import { blockingOneself, blockNotFound, notSuchASubject } from './abuse.errors';
import { BlockedKind, FORGOTTEN_AFTER_MS, stepsOf } from './abuse.policy';
import type { Subject } from './abuse.policy';
import type { BlockList } from './block-list';
import type { BlockPage, BlockRecord, BlockRepository } from './block.repository';

export const blockIds = idKind('blk');

/** Why a block came by itself. */
const TOO_MUCH_REFUSED = 'Too much that was refused.';

export interface BlockOrder extends Subject {
  readonly lastsMs: number;
  readonly reason: string;
}

export interface BlockServiceDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork'>;
  readonly audit: AuditTrail;
  readonly users: UserService;
  readonly blocks: BlockRepository;
  readonly list: BlockList;
}

/** Blocks that come by themselves, and what administrators of the platform see of them and do about them. */
export class BlockService {
  constructor(private readonly deps: BlockServiceDeps) {}

  /** A step longer than the last time. Null when it is blocked already. */
  async escalate(subject: Subject): Promise<BlockRecord | null> {
    const { kernel, blocks, audit, list } = this.deps;
    const draft = { id: blockIds.create(), ...subject, reason: TOO_MUCH_REFUSED };
    const block = await kernel.unitOfWork.run(async (tx) => {
      const made = await blocks.escalate(tx, draft, stepsOf(subject), FORGOTTEN_AFTER_MS);
      if (made !== null) {
        const details = { kind: made.kind, step: made.step, endsAt: made.endsAt.toISOString() };
        audit.recordOwn(tx, { action: 'block.imposed', targetId: made.value, details });
      }
      return made;
    });
    await list.read();
    return block;
  }

  async block(actor: Actor, { kind, value, lastsMs, reason }: BlockOrder): Promise<BlockRecord> {
    const { kernel, users, blocks, audit, list } = this.deps;
    const block = await kernel.unitOfWork.run(async (tx) => {
      const admin = await users.requirePlatformAdmin(tx, actor.viewer);
      if (!isSubject({ kind, value })) throw notSuchASubject();
      if (value === admin.userId) throw blockingOneself();
      const made = await blocks.put(tx, { id: blockIds.create(), kind, value, reason }, lastsMs, admin.userId);
      audit.record(tx, actor, { action: 'block.made', targetId: value, details: { kind, endsAt: made.endsAt.toISOString() } });
      return made;
    });
    await list.read();
    return block;
  }

  async unblock(actor: Actor, id: string): Promise<BlockRecord> {
    const { kernel, users, blocks, audit, list } = this.deps;
    const lifted = await kernel.unitOfWork.run(async (tx) => {
      await users.requirePlatformAdmin(tx, actor.viewer);
      const block = blockIds.is(id) ? await blocks.lift(tx, id) : null;
      if (block === null) throw blockNotFound();
      audit.record(tx, actor, { action: 'block.lifted', targetId: block.value, details: { kind: block.kind } });
      return block;
    });
    await list.read();
    return lifted;
  }

  async list(viewer: Viewer, page: BlockPage): Promise<BlockRecord[]> {
    const { kernel, users, blocks } = this.deps;
    await users.requirePlatformAdmin(kernel.database, viewer);
    return blocks.list(kernel.database, page);
  }
}

/** Guests and keys belong to rooms above: that it has the form of an id is enough here. */
function isSubject({ kind, value }: Subject): boolean {
  if (kind === BlockedKind.ADDRESS) return isIP(value) !== 0;
  return kind === BlockedKind.USER ? userIds.is(value) : prefixOf(value) !== null;
}
