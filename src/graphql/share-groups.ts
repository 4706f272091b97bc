import { randomUUID } from 'node:crypto';
import { LightEnding } from '../lib/ending';
import type { Viewer } from '../lib/viewer';
import { ANONYMOUS } from '../lib/viewer';
import type { StreamItem } from '../realtime/event';
import type { DeliveryGroup } from '../realtime/delivery-group';
import type { FollowedStream, Passenger } from '../realtime/subscription';
import { Lifetime } from './lifetime';
import type { Caller, CheckedOperation, Payload } from './operation';
import { shareKey } from './shareable';

/** Makes of an event what a subscriber receives. */
export type EventRenderer = (
  event: unknown,
  operation: CheckedOperation,
  caller: Caller,
  viewer: Viewer,
  lifetime: Lifetime,
) => Promise<Payload>;

const NOBODY: Omit<Caller, 'requestId'> = {
  transport: 'ws',
  address: '',
  signal: new LightEnding(),
  authenticate: () => Promise.resolve(ANONYMOUS),
  onTooSlow: () => undefined,
};

/**
 * The groups of subscribers for whom an event is rendered once: same stream, same operation and variables, same audience. A group is a
 * security boundary, so its key holds everything that the result may depend on.
 */
export class ShareGroups {
  private readonly groups = new Map<string, DeliveryGroup<string>>();

  get size(): number {
    return this.groups.size;
  }

  /** Lets a group deliver to this subscriber for as long as it can; false when its operation or its source is not one to share. */
  carry(source: FollowedStream, operation: CheckedOperation, render: EventRenderer, passenger: Passenger<string>): boolean {
    const { sharing, variables } = operation;
    if (sharing === null || source.audience === null) return false;
    const key = shareKey(sharing, operation.operation.name?.value ?? '', variables);
    this.ride(source, key, (item) => renderForNobody(item, operation, render), passenger);
    return true;
  }

  /** Carries the reader, who stands at the head of the stream, until it ends or must read on by itself. */
  ride(
    source: FollowedStream,
    operationKey: string,
    render: (item: StreamItem) => string | Promise<string>,
    passenger: Passenger<string>,
  ): void {
    const key = JSON.stringify([source.stream, source.audience?.key, operationKey]);
    let group = this.groups.get(key);
    if (group === undefined) {
      group = source.createGroup(render, () => this.groups.delete(key));
      this.groups.set(key, group);
    }
    source.ride(group, passenger);
  }
}

/** Rendered for nobody in particular: what would depend on the viewer is not there to be read. */
async function renderForNobody(event: unknown, operation: CheckedOperation, render: EventRenderer): Promise<string> {
  const caller: Caller = { ...NOBODY, requestId: randomUUID() };
  const lifetime = new Lifetime(caller.signal);
  const payload = await render(event, operation, caller, ANONYMOUS, lifetime);
  lifetime.abort();
  return JSON.stringify(payload);
}
