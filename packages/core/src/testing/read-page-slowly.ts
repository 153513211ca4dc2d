import { parseInstant } from '../instant.ts'
import type { PageFormat } from '../page-format.ts'
import { respellSymbol } from '../symbol-spelling.ts'
import type { SourceColumn } from '../source-format.ts'
import type { FixtureValue } from './exchange-fixtures.ts'

/** A row of a page: silver columns that its format fills, times in epoch microseconds. */
export type SlowRow = Readonly<Record<string, FixtureValue>>

/** A row, and what is around it by the paths that a format looks at. */
interface PlacedRow {
  readonly row: unknown
  /** The keys from the root that led to the row, each `*` as it was followed. */
  readonly keys: readonly string[]
}

/**
 * The rows of a page by its format, the slow and obvious way: what any parser of pages must find too.
 *
 * @param symbol of the dataset
 * @param receivedAt epoch microseconds
 * @throws Error naming the field that is not what its column says.
 */
export function readPageSlowly(body: string, format: PageFormat, symbol: string, receivedAt = 0): SlowRow[] {
  const root: unknown = JSON.parse(body)
  return rowsAt({ row: root, keys: [] }, format.rows, format.shape)
    .map((placed) => (name: string) => textAt(root, placed, format, name))
    .filter((text) =>
      (format.only ?? []).every(({ field, anyOf, spelling }) => {
        const found = text(field)
        if (anyOf === 'something') return found !== undefined
        if (anyOf !== 'symbol') return anyOf.includes(found ?? '')
        return symbol === respellSymbol(found ?? '', spelling)
      }),
    )
    .map((text) => ({ ...format.constants, ...readRow(text, format, receivedAt) }))
}

function rowsAt(placed: PlacedRow, path: readonly string[], shape: PageFormat['shape']): PlacedRow[] {
  const { row: value, keys } = placed
  const [step, ...rest] = path
  const members: [string, unknown][] = Object.entries(value ?? {})
  if (step !== undefined) {
    const followed = members.filter(([name]) => step === '*' || name === step)
    return followed.flatMap(([name, row]) => rowsAt({ row, keys: [...keys, name] }, rest, shape))
  }
  if (shape === 'single') return typeof value === 'object' && value !== null && !Array.isArray(value) ? [placed] : []
  return Array.isArray(value) ? members.map(([name, row]) => ({ row, keys: [...keys, name] })) : []
}

function readRow(
  text: (name: string) => string | undefined,
  { columns, shape }: PageFormat,
  receivedAt: number,
): SlowRow {
  const values: Record<string, FixtureValue> = {}
  let position = 0
  for (const column of columns) {
    const isPositioned = shape === 'array' && !column.name.startsWith(ROOT)
    const names = isPositioned ? [String(position++)] : [column.name, ...(column.aliases ?? [])]
    const found = names.map(text).find((one) => one !== undefined)
    const value = column.kind === 'received' ? receivedAt : readCell(found, column)
    if (column.to !== undefined) values[column.to] = value
  }
  return values
}

/** What begins a path from the root. */
const ROOT = '$.'

/** The text of a field by its path from the row or the root; `undefined` when it is absent or null. */
function textAt(root: unknown, { row, keys }: PlacedRow, format: PageFormat, name: string): string | undefined {
  const fromRoot = name.startsWith(ROOT)
  let value = fromRoot ? root : row
  let follows = fromRoot
  for (const [index, step] of (fromRoot ? name.slice(ROOT.length) : name).split('.').entries()) {
    follows &&= step === format.rows[index]
    const key = follows ? keys[index] : step
    value = Object.entries(value ?? {}).find(([member]) => member === key)?.[1]
  }
  const isText = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
  return isText ? String(value) : undefined
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
      if (unit === 'metatrader') throw new Error(`${name} is a time of MetaTrader, which pages do not have`)
      return unit === 'text'
        ? parseInstant(text.includes('T') ? text : `${text.replace(' ', 'T')}Z`)
        : epoch(text, unit)
    case 'integer':
      return /^\d+$/.test(text) ? Number(text) : refuse()
    case 'uuid':
      return /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text) ? uuidNumber(text) : refuse()
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
    default:
      throw new Error(`${name} is of kind ${kind}, which pages do not have`)
  }
}

/** The first 48 and the last 16 bits, less the sign. */
function uuidNumber(text: string): number {
  const digits = text.replaceAll('-', '')
  return Number(BigInt.asUintN(63, BigInt(`0x${digits.slice(0, 12)}${digits.slice(-4)}`)))
}

function epoch(text: string, unit: 'epoch' | 'seconds' | 'nanoseconds'): number {
  if (unit === 'nanoseconds') return Number(BigInt(text) / 1000n)
  if (unit === 'epoch') return Number(text) * (text.length >= 16 ? 1 : 1000)
  const [seconds = '', places = ''] = text.split('.')
  return Number(seconds) * 1_000_000 + Number(places.padEnd(6, '0').slice(0, 6))
}
