import { openBarResampler, type ResampleBarsOptions } from './bar-resampler.ts'
import type { Bars } from './children.ts'
import type { ResampledBars } from './resampled-bars.ts'

/**
 * Bars of a coarser grain. Weeks start on Monday, months are calendar months, all in UTC.
 *
 * - `open` is that of the first child with trades, `close` that of the last one; where no child traded, those of the
 *   first and last child (a bar without trades repeats the close before it). `high` and `low` are over all children.
 * - Volumes and counts add up, volumes as decimals: `0.1 + 0.2` is `0.3`, see the README. A null of a child (venues
 *   that do not count trades or quote volumes have them) makes that of the bar null. A child without a count traded
 *   where its volume is above zero.
 * - A bar with some children missing is made, one without children is not. `child_count` counts the finest rows:
 *   that of the children is added up where they have one, else each counts 1.
 * - `close_time` is that of the last child where the bar's last child is there, else the end of the bar less the
 *   venue's unit (1 ms or 1 µs, as the children show). `source` is the most derived of the children's: archive, rest, ws,
 *   filled.
 * - A child off the grid, as outages leave them, falls into the bar that holds its open time. `ts_available` is the end
 *   of the bar, or that of its last child where it is later.
 *
 * With `from` equal to `to` the result has the same bars on the grid, each with `child_count`. The metadata of the
 * table's schema is kept. One pass over each column.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when `from` does not nest in `to`, when the rows are not strictly ascending
 * in `ts_event`, or when a column is absent; `UNSUPPORTED` for bars without volume (mark, index and premium prices).
 *
 * @example
 * resampleBars(minutes, { from: '1m', to: '1h', until: parseInstant('2024-02-01') })
 */
export function resampleBars(table: Bars, { from, to, until }: ResampleBarsOptions): ResampledBars {
  return openBarResampler(table, { from })({ to, until })
}
