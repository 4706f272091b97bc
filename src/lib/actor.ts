import type { Viewer } from './viewer';

/** Who does something, from where, in which request: what the audit log keeps. A GraphQL `Context` is one. */
export interface Actor {
  readonly viewer: Viewer;
  readonly address: string;
  readonly requestId: string;
}
