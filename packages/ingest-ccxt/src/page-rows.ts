import { LakeError, type PageFilter, type PageFormat, type SourceColumn, type TimeUnit } from '@lake/core'
import type { FlatRows } from './flat-rows.ts'
import { readTime } from './read-time.ts'
import type { RestReply } from './rest-transport.ts'
import { cellOf, type RowsPlace, rowsPlaceOf } from './rows-place.ts'

/** What the walk needs to know of a page's rows, in the order of the page. */
export interface PageRows {
  readonly count: number
  /** Epoch microseconds. */
  readonly times: Float64Array
  /** The number of a row, for formats whose rows have one. */
  idOf(row: number): bigint
  /** What tells a row from others of its instant; absent for formats whose rows have no number. */
  readonly nameOf?: ((row: number) => string) | undefined
}

type Reader = (row: unknown) => unknown

/** The silver columns that number rows. */
const ID_COLUMNS: readonly (string | undefined)[] = ['trade_id', 'agg_trade_id', 'update_id']

/** Reads the rows of pages of one format. */
export interface PageRowsReader {
  /** Where the rows lie, for a transport that can leave them unparsed; `undefined` where they must be parsed. */
  readonly place: RowsPlace | undefined
  /**
   * Times and numbers of the rows of a page. Everything else is for the parser, which reads the same bytes from bronze:
   * a row that is accepted here may still be refused there.
   *
   * @throws {@link LakeError} `BAD_FORMAT` when the page is no JSON, or has no list of rows where the format says.
   * @throws {@link LakeError} `BAD_ROW` when a row's time or number cannot be read.
   */
  readonly read: (answer: Pick<RestReply, 'json' | 'flatRows'>) => PageRows
}

/**
 * What reads the rows of a format.
 *
 * @throws {@link LakeError} `BAD_FORMAT` when the format has no column for times.
 */
export function compilePageRows(format: PageFormat): PageRowsReader {
  const time = format.columns.find(({ kind, to }) => kind === 'time' && to === 'ts_event')
  if (time === undefined) throw new LakeError('BAD_FORMAT', `The format ${format.id} has no column for ts_event.`)
  const { unit = 'epoch' } = time
  const id = format.columns.find(({ to }) => ID_COLUMNS.includes(to))
  const place = rowsPlaceOf(format, id === undefined ? [time] : [time, id])
  const readFlat = place === undefined ? undefined : flatReader(format, place, time, id)
  const readParsed = parsedReader(format, time, id)
  const noIds: PageRows['idOf'] = (row) => idFrom(undefined, format, row)

  return {
    place,
    read: (answer) => {
      const { flatRows } = answer
      // The rows of another place are those of another format.
      const isFlat = flatRows !== undefined && flatRows.place === place
      const { count, digitsAt, timeAt, idAt } =
        isFlat && readFlat !== undefined ? readFlat(flatRows) : readParsed(answer.json)
      const times = new Float64Array(count)
      for (let row = 0; row < count; row++) {
        // Most venues send milliseconds, which have fewer digits than microseconds.
        const millis = unit === 'epoch' ? digitsAt(row) : undefined
        times[row] = millis === undefined ? microsOf(timeAt(row), unit, format, row) : millis * 1000
      }
      // Only where rows have numbers, since these hold on to the rows.
      if (id === undefined) return { count, times, idOf: noIds }
      return { count, times, idOf: (row) => idFrom(idAt(row), format, row), nameOf: (row) => String(idAt(row)) }
    },
  }
}

/** The two cells of each row that a walk looks at. */
interface Cells {
  readonly count: number
  /** The time where it is a whole number of up to 15 digits; `undefined` where it is read by its own rules. */
  readonly digitsAt: (row: number) => number | undefined
  readonly timeAt: (row: number) => unknown
  readonly idAt: (row: number) => unknown
}

function flatReader(
  format: PageFormat,
  { cells }: RowsPlace,
  time: SourceColumn,
  id: SourceColumn | undefined,
): (flat: FlatRows) => Cells {
  const timeCell = cells.indexOf(cellOf(format, time))
  const idCell = id === undefined ? -1 : cells.indexOf(cellOf(format, id))
  const filters = (format.only ?? []).map(({ field, anyOf }) => ({ cell: cells.indexOf(field), anyOf }))
  return ({ count, cell, digits }) => {
    if (filters.length === 0) {
      const digitsAt = (row: number): number | undefined => digits(row, timeCell)
      return { count, digitsAt, timeAt: (row) => cell(row, timeCell), idAt: (row) => cell(row, idCell) }
    }
    const rows: number[] = []
    for (let row = 0; row < count; row++) {
      if (filters.every((filter) => passes(filter, cell(row, filter.cell)))) rows.push(row)
    }
    const at = (row: number): number => rows[row] ?? Infinity
    const digitsAt = (row: number): number | undefined => digits(at(row), timeCell)
    return {
      count: rows.length,
      digitsAt,
      timeAt: (row) => cell(at(row), timeCell),
      idAt: (row) => cell(at(row), idCell),
    }
  }
}

function parsedReader(format: PageFormat, time: SourceColumn, id: SourceColumn | undefined): (json: unknown) => Cells {
  const readTime = cellReader(format, time)
  const readId = id === undefined ? () => undefined : cellReader(format, id)
  const filters = (format.only ?? []).map(({ field, anyOf }) => ({ read: pathReader(field.split('.')), anyOf }))
  return (json) => {
    const all = rowsAt(json, format)
    const rows =
      filters.length === 0 ? all : all.filter((row) => filters.every((filter) => passes(filter, filter.read(row))))
    const digitsAt = (row: number): number | undefined => {
      const value = readTime(rows[row])
      return typeof value === 'number' && value < 1e15 ? value : undefined
    }
    return { count: rows.length, digitsAt, timeAt: (row) => readTime(rows[row]), idAt: (row) => readId(rows[row]) }
  }
}

/** The symbol of a dataset is the parser's to check. */
function passes({ anyOf }: Pick<PageFilter, 'anyOf'>, value: unknown): boolean {
  if (anyOf === 'symbol') return true
  return anyOf === 'something' ? value !== undefined && value !== null : anyOf.includes(String(value))
}

function cellReader(format: PageFormat, column: SourceColumn): Reader {
  if (format.shape !== 'array') return pathReader(column.name.split('.'))
  const position = format.columns.indexOf(column)
  return (row) => (isList(row) ? row[position] : undefined)
}

function pathReader(path: readonly string[]): Reader {
  const [only = ''] = path
  if (path.length === 1) return (row) => memberOf(row, only)
  return (row) => path.reduce(memberOf, row)
}

function memberOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}

function rowsAt(json: unknown, format: PageFormat): readonly unknown[] {
  const path = format.rows
  let places: readonly unknown[] = [json]
  for (const key of path) {
    places = key === '*' ? places.flatMap(membersOf) : places.map((place) => memberOf(place, key))
  }
  if (format.shape === 'single') return places.filter((place) => typeof place === 'object' && place !== null)
  const [only] = places
  if (places.length === 1 && isList(only)) return only
  return places.flatMap((place): readonly unknown[] => {
    if (isList(place)) return place
    // Some venues say null where there are no rows, or put other things beside the lists.
    if (place === null || path.at(-1) === '*') return []
    throw new LakeError('BAD_FORMAT', `The answer has no list of rows at '${path.join('.')}', as ${format.id} says.`, {
      details: { format: format.id, found: json === undefined ? 'no JSON' : JSON.stringify(json).slice(0, 200) },
    })
  })
}

function membersOf(value: unknown): readonly unknown[] {
  if (isList(value)) return value
  return typeof value === 'object' && value !== null ? Object.values(value) : []
}

/** `Array.isArray` makes `any` of what it finds. */
function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value)
}

function microsOf(value: unknown, unit: TimeUnit, format: PageFormat, row: number): number {
  const micros = readTime(value, unit)
  if (Number.isFinite(micros)) return micros
  throw new LakeError('BAD_ROW', `${format.id}: row ${row + 1} of the answer has no time, but '${String(value)}'.`, {
    details: { format: format.id, row: row + 1, value: String(value) },
  })
}

function idFrom(value: unknown, format: PageFormat, row: number): bigint {
  // A number beyond 2^53 has lost digits already.
  if (typeof value === 'number' ? Number.isSafeInteger(value) : /^\d+$/.test(String(value)))
    return BigInt(String(value))
  throw new LakeError('BAD_ROW', `${format.id}: row ${row + 1} of the answer has no number, but '${String(value)}'.`, {
    details: { format: format.id, row: row + 1, value: String(value) },
  })
}
