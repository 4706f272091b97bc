import type { HooksConfig } from '../../config/config';
import type { Kernel } from '../../realtime/kernel';
import { HookRepository } from './hook.repository';
import type { Delivery } from './hook.service';
import { HookService } from './hook.service';

export interface HooksRoom {
  /** For the transport. */
  readonly receive: (delivery: Delivery) => Promise<'accepted' | 'duplicate'>;
}

export function createHooksRoom({ kernel, sources }: { kernel: Pick<Kernel, 'unitOfWork'>; sources: HooksConfig }): HooksRoom {
  const hooks = new HookService(kernel, new HookRepository(), sources);
  return { receive: (delivery) => hooks.receive(delivery) };
}
