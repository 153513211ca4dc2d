import type { PageFormat, SourceColumn } from '@lake/core'
import { lengthOf, type ReferenceRow } from './reference.ts'
import { REFERENCE_COLUMNS } from './reference-columns.ts'
import { plainDecimal } from './reference-value.ts'

type Value = bigint | boolean | string | null

/**
 * The rows of a page by `JSON.parse`. Slow and obvious: numbers become texts before they are parsed, so that every
 * digit is kept. `undefined` when the page is refused.
 */
export function pageReferenceRows(text: string, format: PageFormat, dataset: string): ReferenceRow[] | undefined {
  let root: unknown
  try {
    JSON.parse(text)
    root = JSON.parse(quoteNumbers(text))
  } catch {
    return undefined
  }
  const symbol = dataset.split('/')[3] ?? ''
  const interval = dataset.split('/')[4] ?? ''
  const rows: ReferenceRow[] = []
  for (const { row, around } of placesOf(root, format.rows, [root])) {
    for (const one of format.shape === 'single' ? [row] : listOf(row)) {
      const fieldOf = (name: string, position: number): unknown => {
        if (name.startsWith('$.')) return outer(name.slice(2).split('.'), format.rows, around)
        if (format.shape === 'array') return memberOf(one, String(position))
        return name.split('.').reduce(memberOf, one)
      }
      const passes = (format.only ?? []).every(({ field, anyOf }) => {
        const value = fieldOf(field, Number(field))
        const says = typeof value === 'string' ? value.replace(NUMBER_MARK, '') : String(value)
        return anyOf === 'symbol' ? says === symbol : anyOf.includes(says)
      })
      if (!passes) continue
      const values: Record<string, Value> = { source: 'rest', ...format.constants }
      for (const [position, column] of format.columns.entries()) {
        const value = valueOf(fieldOf(column.name, position), column)
        if (column.to !== undefined) values[column.to] = value
      }
      const time = values['ts_event']
      const close = values['close_time']
      const closeField = format.columns.findIndex(({ to }) => to === 'close_time')
      const unit = String(fieldOf('', closeField)).replace(NUMBER_MARK, '').length >= 16 ? 1n : 1000n
      const length = lengthOf(interval)
      values['ts_available'] =
        typeof close === 'bigint' ? close + unit : typeof time === 'bigint' ? time + length : null
      for (const name of REFERENCE_COLUMNS[format.dataType]) values[name] ??= null
      rows.push(values)
    }
  }
  return rows
}

const NUMBER_MARK = '\u0000'

/** Every JSON number as a text that begins with a mark, which no other text in these tests does. */
function quoteNumbers(text: string): string {
  return text.replaceAll(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (token) =>
    token.startsWith('"') ? token : `"\\u0000${token}"`,
  )
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.entries(value).find(([key]) => key === name)?.[1]
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

interface Place {
  readonly row: unknown
  readonly around: readonly unknown[]
}

function placesOf(value: unknown, steps: readonly string[], around: readonly unknown[]): Place[] {
  const [step, ...rest] = steps
  if (step === undefined) return [{ row: value, around }]
  if (typeof value !== 'object' || value === null) return []
  const members: unknown[] = step === '*' ? Object.values(value) : [memberOf(value, step)]
  return members.flatMap((member) => placesOf(member, rest, [...around, member]))
}

function outer(path: readonly string[], steps: readonly string[], around: readonly unknown[]): unknown {
  let shared = 0
  while (shared < path.length - 1 && path[shared] === steps[shared]) shared++
  return path.slice(shared).reduce(memberOf, around[shared])
}

function valueOf(field: unknown, column: SourceColumn): Value {
  if (field === null || field === undefined || field === '') return null
  const isNumber = typeof field === 'string' && field.startsWith(NUMBER_MARK)
  const text = typeof field === 'string' ? field.replace(NUMBER_MARK, '') : JSON.stringify(field)
  switch (column.kind) {
    case 'time':
      return BigInt(text) * (BigInt(text) >= 10n ** 15n ? 1n : 1000n)
    case 'integer':
      return BigInt(isNumber ? plainDecimal(text) : text)
    case 'decimal':
      return plainDecimal(String(Number(text)))
    case 'flag':
      return text.toLowerCase() === 'true'
    case 'buyer-maker':
      return text.toLowerCase() === 'true' ? 'sell' : 'buy'
    case 'word':
      return column.words?.[text] ?? null
    case 'text':
      return text
    case 'symbol':
    case 'ignored':
      return null
    default:
      throw new Error(`${column.kind} is for files`)
  }
}
