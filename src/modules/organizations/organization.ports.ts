import type { Actor } from '../../lib/actor';
import type { RecordingTx } from '../../realtime/unit-of-work';

export interface Departure {
  readonly organizationId: string;
  readonly userId: string;
  /** Who takes over what only one can have: the organization's longest-standing owner. */
  readonly heirId: string;
}

/** What a higher room does when somebody no longer belongs to an organization, in the same transaction. */
export interface OrganizationCompanion {
  memberLeft(tx: RecordingTx, actor: Actor, departure: Departure): Promise<void>;
}
