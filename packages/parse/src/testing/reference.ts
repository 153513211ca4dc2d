import { type Period, type SourceColumn, type SourceFormat, tableSchema } from '@lake/core'
import type { Table } from 'apache-arrow'

/** The rows that a text should become: values by silver column, decimals as text. `undefined` when it is refused. */
export type ReferenceRow = Readonly<Record<string, bigint | boolean | string | null>>

/** Slow and obvious: splits lines and cells, checks every cell with a pattern, and calculates with BigInt. */
export function referenceRows(text: string, format: SourceFormat, period: Period): ReferenceRow[] | undefined {
  const lines = text.replace(/^\ufeff/, '').split('\n')
  // What follows the last line feed is no line when it is empty; one blank line may then be the last.
  if (lines.at(-1) === '') lines.pop()
  const trimmed = lines.map((line) => line.replace(/\r$/, ''))
  if (trimmed.at(-1) === '') trimmed.pop()
  if (lines.some((line) => Buffer.byteLength(line) > 65_536)) return undefined
  const hasHeader = !/^\d/.test(trimmed[0] ?? '')
  const [header, ...others] = trimmed
  if (header === undefined) return undefined
  if (hasHeader && !isHeader(header, format)) return undefined
  const rowLines = hasHeader ? others : trimmed
  if (rowLines.length === 0) return undefined
  const names = tableSchema(format.dataType).names
  const unit = { value: 0n }
  const rows: ReferenceRow[] = []
  for (const line of rowLines) {
    const cells = line.split(',')
    if (cells.length !== format.columns.length) return undefined
    const row: Record<string, bigint | boolean | string | null> = { source: 'archive' }
    for (const [index, column] of format.columns.entries()) {
      const value = referenceValue(cells[index] ?? '', column, period, unit)
      if (value === undefined) return undefined
      if (column.to !== undefined) row[column.to] = value
    }
    const close = row['close_time']
    row['ts_available'] = typeof close === 'bigint' ? close + unit.value : (row['ts_event'] ?? null)
    for (const name of names) row[name] ??= null
    rows.push(row)
  }
  return rows
}

/** The rows of a table in the same form, for `toEqual`. A float becomes its shortest decimal. */
export function tableRows(table: Table): ReferenceRow[] {
  const columns = table.schema.fields.map((field): [string, unknown[]] => {
    const vector = table.getChild(field.name)
    // `get` of a timestamp loses its type; the array behind it does not.
    const values: unknown = String(field.type).startsWith('Timestamp') ? vector?.toArray() : vector?.toJSON()
    if (values instanceof BigInt64Array) return [field.name, Array.from(values)]
    return [field.name, Array.isArray(values) ? values : []]
  })
  return Array.from({ length: table.numRows }, (_, index) =>
    Object.fromEntries(columns.map(([name, values]) => [name, shown(values[index])])),
  )
}

/** The number that a decimal text means, in one way: no zeros that say nothing, no exponent. */
export function plainDecimal(text: string): string {
  const [mantissa = '', exponent = '0'] = text.split('e')
  const [whole = '', places = ''] = mantissa.replace('-', '').split('.')
  const shift = Number(exponent)
  const digits = `${'0'.repeat(Math.max(0, -shift))}${whole}${places}${'0'.repeat(Math.max(0, shift - places.length))}`
  const point = digits.length - Math.max(0, places.length - shift)
  const integer = digits.slice(0, point).replace(/^0+(?=\d)/, '')
  const fraction = trimZeros(digits.slice(point))
  const number = fraction === '' ? integer : `${integer}.${fraction}`
  return mantissa.startsWith('-') && number !== '0' ? `-${number}` : number
}

/** What a float64 column must hold for a decimal text: its nearest double, in shortest form. */
function nearestDecimal(text: string): string {
  return plainDecimal(String(Number(text)))
}

function referenceValue(
  cell: string,
  column: SourceColumn,
  period: Period,
  unit: { value: bigint },
): bigint | boolean | string | undefined {
  switch (column.kind) {
    case 'ignored':
      // eslint-disable-next-line no-control-regex -- control characters are what is looked for
      return /["\u0000-\u001f]/.test(cell) ? undefined : ''
    case 'flag':
      return /^([Tt]rue|[Ff]alse)$/.test(cell) ? cell.toLowerCase() === 'true' : undefined
    case 'buyer-maker':
      return /^([Tt]rue|[Ff]alse)$/.test(cell) ? (cell.toLowerCase() === 'true' ? 'sell' : 'buy') : undefined
    case 'integer':
      return /^\d+$/.test(cell) && BigInt(cell) < 2n ** 63n ? BigInt(cell) : undefined
    case 'decimal': {
      if (!/^-?\d+(\.\d+)?$/.test(cell) || !Number.isFinite(Number(cell))) return undefined
      return cell.startsWith('-') && column.signed !== true ? undefined : nearestDecimal(cell)
    }
    case 'time': {
      if (!/^\d+$/.test(cell)) return undefined
      const itsUnit = BigInt(cell) >= 10n ** 15n ? 1n : 1000n
      if (unit.value === 0n) unit.value = itsUnit
      const micros = BigInt(cell) * itsUnit
      if (itsUnit !== unit.value || micros >= BigInt(Number.MAX_SAFE_INTEGER)) return undefined
      const isOutside = micros < BigInt(period.from) || micros >= BigInt(period.to)
      return column.to === 'ts_event' && isOutside ? undefined : micros
    }
  }
}

function isHeader(line: string, format: SourceFormat): boolean {
  const names = line.split(',')
  const fits = (column: SourceColumn, name: string | undefined) =>
    [column.name, ...(column.aliases ?? [])].some((one) => one === name)
  return names.length === format.columns.length && format.columns.every((column, at) => fits(column, names[at]))
}

function shown(value: unknown): bigint | boolean | string | null {
  if (typeof value === 'number') return plainDecimal(String(value))
  return typeof value === 'bigint' || typeof value === 'boolean' || typeof value === 'string' ? value : null
}

function trimZeros(digits: string): string {
  let end = digits.length
  while (digits[end - 1] === '0') end--
  return digits.slice(0, end)
}
