import type { StreamItem } from '../realtime/event';
import type { Batch, DeliveryGroup } from '../realtime/delivery-group';
import type { FollowedStream } from '../realtime/subscription';

/**
 * The groups of subscribers for whom an event is rendered once: same stream, same operation and variables, same audience. A group is a
 * security boundary, so its key holds everything that the result may depend on.
 */
export class ShareGroups {
  private readonly groups = new Map<string, DeliveryGroup<string>>();

  get size(): number {
    return this.groups.size;
  }

  /** Carries the reader, who stands at the head of the stream, until it ends or must read on by itself. */
  ride(
    source: FollowedStream,
    operationKey: string,
    render: (item: StreamItem) => string | Promise<string>,
    deliver: (batch: Batch<string>) => void,
  ): Promise<void> {
    const key = JSON.stringify([source.stream, source.audience?.key, operationKey]);
    let group = this.groups.get(key);
    if (group === undefined) {
      group = source.createGroup(render, () => this.groups.delete(key));
      this.groups.set(key, group);
    }
    return source.ride(group, deliver);
  }
}
