import type { NotificationPort, NotificationRecord } from './notification.repository';

/** A notification and where it goes. */
export interface Parcel {
  readonly notification: NotificationRecord;
  readonly recipient: { readonly displayName: string; readonly email: string | null };
}

/**
 * A way out of the house. `deliver` is called at least once for each notification that is due, outside of any transaction and by one instance at
 * a time; it resolves when the other side has taken it over. It throws `Undeliverable` when trying again is of no use, anything else when
 * it is.
 */
export interface DeliveryPort {
  readonly port: Exclude<NotificationPort, 'IN_APP'>;
  deliver(parcel: Parcel): Promise<void>;
  close(): Promise<void>;
}

/** The other side, or the notification itself, is such that it never will be taken. */
export class Undeliverable extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'Undeliverable';
  }
}
