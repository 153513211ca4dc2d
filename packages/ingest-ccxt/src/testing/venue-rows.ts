/**
 * Rows that a venue serves under one address, in the form in which it prints them: parallel arrays, ascending by time.
 * {@link rowsFromArchive} and {@link rowsFromPages} make them of real data.
 */
export interface VenueRows {
  /** As in `/fapi/v1/klines`. */
  readonly path: string
  /** The `symbol`, or the `pair`, that they are asked for by. */
  readonly symbol: string
  /** The venue's word for the `interval` or the `period`; absent where there is none. */
  readonly interval?: string | undefined
  /** Epoch milliseconds by which the venue pages: the open time of a bar, the time of anything else. */
  readonly times: Float64Array
  /** The ids that `fromId` asks for, where rows have one. */
  readonly ids?: Float64Array | undefined
  /** The JSON of each row. */
  readonly texts: readonly string[]
}

/** One row on its way into {@link VenueRows}. */
export interface VenueRow {
  readonly time: number
  readonly id?: number | undefined
  readonly text: string
}

/** Gathers rows, sorted by time; rows of the same time stay in their order. */
export function venueRows(
  place: { readonly path: string; readonly symbol: string; readonly interval?: string | undefined },
  rows: readonly VenueRow[],
): VenueRows {
  // Most files are sorted, and large.
  const isSorted = rows.every(({ time }, row) => row === 0 || (rows[row - 1]?.time ?? 0) <= time)
  const sorted = isSorted ? rows : rows.toSorted((a, b) => a.time - b.time)
  const hasIds = sorted.length > 0 && sorted.every(({ id }) => id !== undefined)
  return {
    path: place.path,
    symbol: place.symbol,
    interval: place.interval,
    times: Float64Array.from(sorted, ({ time }) => time),
    ids: hasIds ? Float64Array.from(sorted, ({ id }) => id ?? 0) : undefined,
    texts: sorted.map(({ text }) => text),
  }
}

/** What identifies the rows that a request asks for. */
export function rowsKey(path: string, symbol: string, interval = ''): string {
  return `${path} ${symbol} ${interval}`
}

/** Rows by what they are asked for; what was handed over in parts, as the days of an archive are, becomes one. */
export function uniteRows(parts: readonly VenueRows[]): ReadonlyMap<string, VenueRows> {
  const united = new Map<string, VenueRows>()
  for (const part of parts) {
    const key = rowsKey(part.path, part.symbol, part.interval)
    const before = united.get(key)
    united.set(key, before === undefined ? part : venueRows(part, [...rowList(before), ...rowList(part)]))
  }
  return united
}

function rowList({ times, ids, texts }: VenueRows): VenueRow[] {
  return texts.map((text, index) => ({ time: times[index] ?? 0, id: ids?.[index], text }))
}
