import type { RowViewer, SqlValue } from './database';

/** What the row policies of the migrations read. It lasts until the transaction ends, and so cannot reach whoever uses the connection next. */
export function actAs(viewer: RowViewer): { text: string; values: readonly SqlValue[] } {
  return { text: "SELECT set_config('parley.viewer', $1, true)", values: [viewer] };
}
