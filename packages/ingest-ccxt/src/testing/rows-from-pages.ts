import { type VenueRow, type VenueRows, venueRows } from './venue-rows.ts'

const TIME_FIELDS = ['T', 'time', 'fundingTime', 'timestamp'] as const
const ID_FIELDS = ['a', 'id'] as const

/**
 * The rows of recorded answers, to be served again under an address. Rows that several answers hold are served once.
 *
 * @param bodies the parsed answers: lists of rows
 *
 * @example
 * const rows = rowsFromPages({ path: '/fapi/v1/fundingRate', symbol: 'BTCUSDT' }, [recorded])
 */
export function rowsFromPages(
  place: { readonly path: string; readonly symbol: string; readonly interval?: string | undefined },
  bodies: readonly (readonly unknown[])[],
): VenueRows {
  const rows = new Map<string, VenueRow>()
  for (const row of bodies.flat()) {
    const text = JSON.stringify(row)
    const time = Array.isArray(row) ? Number(row[0]) : fieldOf(row, TIME_FIELDS)
    if (time === undefined) throw new Error(`This row has no time: ${text}`)
    rows.set(text, { time, id: fieldOf(row, ID_FIELDS), text })
  }
  return venueRows(place, [...rows.values()])
}

function fieldOf(row: unknown, names: readonly string[]): number | undefined {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return undefined
  for (const [name, value] of Object.entries(row)) if (names.includes(name)) return Number(value)
  return undefined
}
