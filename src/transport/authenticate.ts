import type { Viewer } from '../lib/viewer';

/** Who sent this `Authorization` (null: none was sent). Throws UNAUTHENTICATED for a token that is not good. */
export type Authenticate = (authorization: string | null) => Promise<Viewer>;
