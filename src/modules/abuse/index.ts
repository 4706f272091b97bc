/** Who goes too far: the points of every operation, what speaks against somebody, and blocks. Only `app` uses it. */
export type { OperationGate } from './operation-gate';
