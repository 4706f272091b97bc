import type { Actor } from '../../src/lib/actor';
import type { Viewer } from '../../src/lib/viewer';
import { ANONYMOUS } from '../../src/lib/viewer';

/** Somebody doing something, from nowhere in particular. */
export function by(viewer: Viewer = ANONYMOUS, address = '192.0.2.1'): Actor {
  return { viewer, address, requestId: 'a-request-of-a-test' };
}
