import { parseInstant } from '../instant.ts'
import type { PageFormat } from '../page-format.ts'
import type { SourceColumn } from '../source-format.ts'
import type { FixtureValue } from './exchange-fixtures.ts'

/** A row of a page: silver columns that its format fills, times in epoch microseconds. */
export type SlowRow = Readonly<Record<string, FixtureValue>>

/**
 * The rows of a page by its format, the slow and obvious way: what any parser of pages must find too.
 *
 * @throws Error naming the field that is not what its column says.
 */
export function readPageSlowly(body: string, format: PageFormat): SlowRow[] {
  return rowsAt(JSON.parse(body), format.rows, format.shape)
    .filter((row) => (format.only ?? []).every(({ field, anyOf }) => anyOf.includes(textAt(row, field) ?? '')))
    .map((row) => ({ ...format.constants, ...readRow(row, format) }))
}

function rowsAt(value: unknown, path: readonly string[], shape: PageFormat['shape']): unknown[] {
  const [step, ...rest] = path
  if (step !== undefined) {
    const members = Object.entries(value ?? {}).filter(([name]) => step === '*' || name === step)
    return members.flatMap(([, member]) => rowsAt(member, rest, shape))
  }
  if (shape === 'single') return typeof value === 'object' && value !== null && !Array.isArray(value) ? [value] : []
  return Array.isArray(value) ? value : []
}

function readRow(row: unknown, format: PageFormat): SlowRow {
  const values: Record<string, FixtureValue> = {}
  for (const [index, column] of format.columns.entries()) {
    const text = textAt(row, format.shape === 'array' ? String(index) : column.name)
    const names = [column.name, ...(column.aliases ?? [])]
    const found =
      format.shape === 'array' ? text : names.map((name) => textAt(row, name)).find((one) => one !== undefined)
    const value = readCell(found, column)
    if (column.to !== undefined) values[column.to] = value
  }
  return values
}

/** The text of a field by its path, as in `o.s`; `undefined` when it is absent or null. */
function textAt(row: unknown, path: string): string | undefined {
  let value: unknown = row
  for (const step of path.split('.')) value = Object.entries(value ?? {}).find(([name]) => name === step)?.[1]
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined
}

function readCell(text: string | undefined, column: SourceColumn): FixtureValue {
  const { kind, name, nullable = false, signed = false, unit = 'epoch', words = {} } = column
  if (kind === 'ignored' || kind === 'symbol') return null
  if (text === undefined || text === '') {
    if (nullable) return null
    throw new Error(`${name} is absent`)
  }
  const refuse = (): never => {
    throw new Error(`${name} is '${text}', which is no ${kind}`)
  }
  switch (kind) {
    case 'time':
      return unit === 'text'
        ? parseInstant(text.includes('T') ? text : `${text.replace(' ', 'T')}Z`)
        : epoch(text, unit)
    case 'integer':
      return /^\d+$/.test(text) ? Number(text) : refuse()
    case 'decimal':
      return /^-?\d+(\.\d+)?([eE][-+]?\d+)?$/.test(text) && (signed || !text.startsWith('-')) ? Number(text) : refuse()
    case 'flag':
      return /^[Tt]rue$/.test(text) || (/^[Ff]alse$/.test(text) ? false : refuse())
    case 'buyer-maker':
      return /^[Tt]rue$/.test(text) ? 'sell' : /^[Ff]alse$/.test(text) ? 'buy' : refuse()
    case 'word':
      return Object.hasOwn(words, text) ? (words[text] ?? null) : refuse()
    case 'text':
      return text
  }
}

function epoch(text: string, unit: 'epoch' | 'seconds' | 'nanoseconds'): number {
  if (unit === 'nanoseconds') return Number(BigInt(text) / 1000n)
  if (unit === 'epoch') return Number(text) * (text.length >= 16 ? 1 : 1000)
  const [seconds = '', places = ''] = text.split('.')
  return Number(seconds) * 1_000_000 + Number(places.padEnd(6, '0').slice(0, 6))
}
