import type { DatasetId, Period, SourceColumn, SourceFormat } from '@lake/core'
import { REFERENCE_COLUMNS } from './reference-columns.ts'
import { type ReferenceState, referenceValue } from './reference-value.ts'

/** The rows that a text should become: values by silver column, decimals as text. `undefined` when it is refused. */
export type ReferenceRow = Readonly<Record<string, bigint | boolean | string | null>>

type Row = Record<string, bigint | boolean | string | null>

/** How a text is read. */
export interface ReferenceOptions {
  /** Whether decimals are exact. */
  readonly exact?: boolean | undefined
  /** Where it has the rows of many instruments: what their names begin with. */
  readonly namesBegin?: string | undefined
}

/** Slow and obvious: splits lines and cells, checks every cell with a pattern, and calculates with BigInt. */
export function referenceRows(
  text: string,
  format: SourceFormat,
  period: Pick<Period, 'from' | 'to'>,
  dataset: Pick<DatasetId, 'symbol' | 'interval'> = { symbol: 'BTCUSDT', interval: '1h' },
  { exact = false, namesBegin }: ReferenceOptions = {},
): ReferenceRow[] | undefined {
  const lines = text.replace(/^\ufeff/, '').split('\n')
  // What follows the last line feed is no line when it is empty; one blank line may then be the last.
  if (lines.at(-1) === '') lines.pop()
  const trimmed = lines.map((line) => line.replace(/\r$/, ''))
  if (trimmed.at(-1) === '') trimmed.pop()
  if (lines.some((line) => Buffer.byteLength(line) > 65_536)) return undefined
  const [first] = trimmed
  if (first === undefined) return undefined
  const bare = /^\d/.test(first) ? bareColumns(first, format) : undefined
  const mayHave = format.header === undefined ? !/^\d/.test(first) : format.header === 'present'
  const hasHeader = mayHave && bare === undefined
  const columns = bare ?? columnsOf(first, hasHeader, format)
  const rowLines = hasHeader ? trimmed.slice(1) : trimmed
  if (columns === undefined || rowLines.length === 0) return undefined
  const state: ReferenceState = { unit: 0n, calendar: new Map(), symbol: dataset.symbol, exact }
  const rows: Row[] = []
  for (const line of rowLines) {
    const cells = line.split(format.delimiter ?? ',')
    if (namesBegin !== undefined) {
      const owner = ownerOf(cells, columns, { namesBegin, symbol: dataset.symbol })
      if (owner === undefined) return undefined
      if (owner === 'other') continue
    }
    const row = rowOf(cells, columns, period, state)
    if (row === undefined) return undefined
    rows.push(row)
  }
  return rows.map((row) => complete(row, format, state.unit, dataset))
}

/** Whose a row is; `undefined` where it does not say, or says what cannot be. */
function ownerOf(
  cells: readonly string[],
  columns: readonly SourceColumn[],
  { namesBegin, symbol }: { readonly namesBegin: string; readonly symbol: string },
): 'own' | 'other' | undefined {
  const name = cells[columns.findIndex(({ kind }) => kind === 'symbol')] ?? ''
  if (name === symbol) return 'own'
  const isName = name.length > 0 && !/[\s"'\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}]/u.test(name)
  return isName && name.startsWith(namesBegin) ? 'other' : undefined
}

/** The columns of files that have no header where others do. */
function bareColumns(
  first: string,
  { delimiter = ',', variants = [] }: SourceFormat,
): readonly SourceColumn[] | undefined {
  const count = first.split(delimiter).length
  return variants.find(({ header, columns }) => header === 'absent' && columns.length === count)?.columns
}

function columnsOf(first: string, hasHeader: boolean, format: SourceFormat): readonly SourceColumn[] | undefined {
  const cells = first.split(format.delimiter ?? ',')
  const named = (format.variants ?? []).filter(({ header }) => header !== 'absent')
  const sets = [format.columns, ...named.map(({ columns }) => columns)]
  return sets.find((columns) => {
    if (columns.length !== cells.length) return false
    return !hasHeader || columns.every((column, at) => isCalled(column, cells[at] ?? '', format))
  })
}

function isCalled({ name, aliases = [] }: SourceColumn, found: string, format: SourceFormat): boolean {
  const text = format.translatedHeader === true && found.includes('/') ? found.slice(0, found.indexOf('/')) : found
  return text === name || aliases.includes(text)
}

function rowOf(
  cells: readonly string[],
  columns: readonly SourceColumn[],
  period: Pick<Period, 'from' | 'to'>,
  state: ReferenceState,
): Row | undefined {
  if (cells.length !== columns.length) return undefined
  const row: Row = { source: 'archive' }
  for (const [index, column] of columns.entries()) {
    const cell = cells[index] ?? ''
    const value = referenceValue(cell, column, period, state)
    if (value === undefined) return undefined
    if (column.kind === 'hour') row['ts_event'] = BigInt(String(row['ts_event'])) + BigInt(cell) * 3_600_000_000n
    else if (column.to !== undefined) row[column.to] = value
    if (column.kind !== 'signed-size' || column.to === undefined) continue
    row['side'] = String(value).startsWith('-') ? 'sell' : 'buy'
    row[column.to] = String(value).replace('-', '')
  }
  return row
}

/** Adds what follows from the cells, and null for all that the source does not have. */
function complete(
  row: Row,
  format: SourceFormat,
  unit: bigint,
  { interval }: Pick<DatasetId, 'interval'>,
): ReferenceRow {
  const event = BigInt(String(row['ts_event']))
  const close = row['close_time']
  row['ts_available'] = event
  if (format.availableAfter !== undefined) {
    row['ts_available'] = event + BigInt(format.availableAfter)
  } else if (format.closeBefore !== undefined && interval !== undefined) {
    const next = interval === '1mo' ? nextMonth(event) : event + lengthOf(interval)
    row['ts_available'] = next
    row['close_time'] = next - BigInt(format.closeBefore)
  } else if (typeof close === 'bigint') {
    row['ts_available'] = close + unit
  }
  for (const [name, word] of Object.entries(format.constants ?? {})) row[name] = word
  return Object.fromEntries(REFERENCE_COLUMNS[format.dataType].map((name) => [name, row[name] ?? null]))
}

function nextMonth(event: bigint): bigint {
  const date = new Date(Number(event / 1000n))
  return BigInt(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1)) * 1000n
}

/** The length of an interval in microseconds, from its name; 0 for months and for none. */
export function lengthOf(interval: string): bigint {
  const seconds = { s: 1n, m: 60n, h: 3600n, d: 86_400n, w: 604_800n }
  const unit = interval.at(-1)
  const factor = Object.entries(seconds).find(([name]) => name === unit)?.[1] ?? 0n
  return BigInt(interval.slice(0, -1)) * factor * 1_000_000n
}
