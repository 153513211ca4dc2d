import { LakeError, parseInstant, type PageFilter, type PageFormat, type SourceColumn, type TimeUnit } from '@lake/core'
import type { RestReply } from './rest-transport.ts'

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

/**
 * Reads times and numbers of the rows of a page. Everything else is for the parser, which reads the same bytes from
 * bronze: a row that this function accepts may still be refused there.
 *
 * @throws {@link LakeError} `BAD_FORMAT` when the page is no JSON, or has no list of rows where the format says.
 * @throws {@link LakeError} `BAD_ROW` when a row's time or number cannot be read.
 */
export function compilePageRows(format: PageFormat): (answer: Pick<RestReply, 'json' | 'flatRows'>) => PageRows {
  const time = format.columns.find(({ kind, to }) => kind === 'time' && to === 'ts_event')
  if (time === undefined) throw new LakeError('BAD_FORMAT', `The format ${format.id} has no column for ts_event.`)
  const { unit = 'epoch' } = time
  const id = format.columns.find(({ to }) => ID_COLUMNS.includes(to))
  const cellsOf = compileCells(format, time, id)
  const noIds: PageRows['idOf'] = (row) => idFrom(undefined, format, row)

  return (answer) => {
    const { count, timeAt, idAt } = cellsOf(answer)
    const times = new Float64Array(count)
    for (let row = 0; row < count; row++) {
      const value = timeAt(row)
      // Most venues send milliseconds as numbers.
      const isMillis = unit === 'epoch' && typeof value === 'number' && value < 1e15
      times[row] = isMillis ? value * 1000 : microsOf(value, unit, format, row)
    }
    // Only where rows have numbers, since these hold on to the rows.
    if (id === undefined) return { count, times, idOf: noIds }
    return { count, times, idOf: (row) => idFrom(idAt(row), format, row), nameOf: (row) => String(idAt(row)) }
  }
}

/** The two cells of each row that a walk looks at. */
interface Cells {
  readonly count: number
  readonly timeAt: (row: number) => unknown
  readonly idAt: (row: number) => unknown
}

function compileCells(
  format: PageFormat,
  time: SourceColumn,
  id: SourceColumn | undefined,
): (answer: Pick<RestReply, 'json' | 'flatRows'>) => Cells {
  const readTime = cellReader(format, time)
  const readId = id === undefined ? () => undefined : cellReader(format, id)
  const filters = (format.only ?? []).map(({ field, anyOf }) => ({ read: pathReader(field.split('.')), anyOf }))
  const isFlat = format.shape === 'array' && format.rows.length === 0 && filters.length === 0
  const timeColumn = format.columns.indexOf(time)
  const idColumn = id === undefined ? Infinity : format.columns.indexOf(id)

  return (answer) => {
    const { flatRows } = answer
    if (isFlat && flatRows !== undefined) {
      const { count, cell } = flatRows
      return { count, timeAt: (row) => cell(row, timeColumn), idAt: (row) => cell(row, idColumn) }
    }
    const all = rowsAt(answer.json, format)
    const rows = filters.length === 0 ? all : all.filter((row) => filters.every((filter) => passes(filter, row)))
    return { count: rows.length, timeAt: (row) => readTime(rows[row]), idAt: (row) => readId(rows[row]) }
  }
}

/** The symbol of a dataset is the parser's to check. */
function passes(
  { read, anyOf }: { readonly read: Reader; readonly anyOf: PageFilter['anyOf'] },
  row: unknown,
): boolean {
  const value = read(row)
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

function readTime(value: unknown, unit: TimeUnit): number {
  if ((typeof value !== 'number' && typeof value !== 'string') || value === '') return Number.NaN
  switch (unit) {
    case 'epoch':
      return Number(value) < 1e15 ? Number(value) * 1000 : Number(value)
    case 'seconds':
      return secondsOf(String(value))
    case 'nanoseconds':
      return /^\d+$/.test(String(value)) ? Number(BigInt(value) / 1000n) : Number.NaN
    case 'text':
      return instantOf(String(value))
    // Of files only: no page has such a time.
    case 'metatrader':
      return Number.NaN
  }
}

/** By the digits, since a product of doubles can miss by one. What is finer than a microsecond is cut, as parsers cut it. */
function secondsOf(text: string): number {
  const [, whole, places = ''] = /^(\d+)(?:\.(\d+))?$/.exec(text) ?? []
  return whole === undefined ? Number.NaN : Number(whole) * 1_000_000 + Number(places.padEnd(6, '0').slice(0, 6))
}

function instantOf(text: string): number {
  try {
    return parseInstant(`${text.replace(' ', 'T').replace(/Z$/, '')}Z`)
  } catch {
    return Number.NaN
  }
}

function idFrom(value: unknown, format: PageFormat, row: number): bigint {
  // A number beyond 2^53 has lost digits already.
  if (typeof value === 'number' ? Number.isSafeInteger(value) : /^\d+$/.test(String(value)))
    return BigInt(String(value))
  throw new LakeError('BAD_ROW', `${format.id}: row ${row + 1} of the answer has no number, but '${String(value)}'.`, {
    details: { format: format.id, row: row + 1, value: String(value) },
  })
}
