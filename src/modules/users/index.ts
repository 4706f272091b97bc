/** People with accounts. `create` is for `auth`, which alone makes accounts; everyone else reads. */
export { normalizeEmail, userIds, UserService } from './user.service';
export type { SuspensionRecord, UserCredentials, UserRecord } from './user.repository';
export { User, toUser } from './user.type';
/** Batched within one request; null when nobody has this id. */
export { loadUser } from './user.loader';
/** Throws UNAUTHENTICATED for the anonymous, FORBIDDEN for guests. */
export { requireUser } from './user.policy';
