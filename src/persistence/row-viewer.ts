import type { RowViewer } from './database';
import { statement } from './round-trips';
import type { Statement } from './round-trips';

/** What the row policies of the migrations read. It lasts until the transaction ends, and so cannot reach whoever uses the connection next. */
export function actAs(viewer: RowViewer): Statement {
  return statement("SELECT set_config('parley.viewer', $1, true)", [viewer]);
}
