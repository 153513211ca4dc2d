import type { Period, SourceColumn } from '@lake/core'

/** The value of a cell; null for none; undefined when it is refused. */
export type ReferenceValue = bigint | boolean | string | null | undefined

/** What the cells of a file so far have said about it. */
export interface ReferenceState {
  /** Microseconds a unit of its epoch times; 0 before the first. */
  unit: bigint
  /** By column: whether its times are texts of the calendar. */
  readonly calendar: Map<string, boolean>
  readonly symbol: string
  /** Whether decimals keep every digit, of which 20 may stand before and 18 behind the point. */
  readonly exact: boolean
}

/** Slow and obvious: each cell is matched against a pattern, and calculated with BigInt and Date. */
export function referenceValue(
  cell: string,
  column: SourceColumn,
  period: Pick<Period, 'from' | 'to'>,
  state: ReferenceState,
): ReferenceValue {
  if (['', '""', column.emptyAs].includes(cell) && column.nullable === true && NULLABLE.has(column.kind)) return null
  switch (column.kind) {
    case 'ignored':
      return PLAIN.test(cell) ? '' : undefined
    case 'symbol':
      return [state.symbol, state.symbol.replace(/(SETTLED)+$/, '')].includes(cell) ? '' : undefined
    case 'text':
      return PLAIN.test(cell) && /^[^\ufffd]+$/.test(cell) && Buffer.byteLength(cell) <= 64 ? cell : undefined
    case 'word':
      return Object.hasOwn(column.words ?? {}, cell) ? column.words?.[cell] : undefined
    case 'flag':
      return /^([Tt]rue|[Ff]alse)$/.test(cell) ? cell.toLowerCase() === 'true' : undefined
    case 'buyer-maker':
      return /^([Tt]rue|[Ff]alse)$/.test(cell) ? (cell.toLowerCase() === 'true' ? 'sell' : 'buy') : undefined
    case 'integer':
      return /^\d+$/.test(cell) && BigInt(cell) < 2n ** 63n ? BigInt(cell) : undefined
    case 'hour':
      return /^\d+$/.test(cell) && BigInt(cell) < 24n ? BigInt(cell) : undefined
    case 'uuid': {
      const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
      if (!uuid.test(cell)) return undefined
      const digits = cell.replaceAll('-', '')
      return BigInt.asUintN(63, BigInt(`0x${digits.slice(0, 12)}${digits.slice(-4)}`))
    }
    case 'decimal':
    case 'signed-size': {
      const pattern = column.exponent === true ? /^-?\d+(\.\d+)?([eE][+-]?\d{1,3})?$/ : /^-?\d+(\.\d+)?$/
      if (!pattern.test(cell)) return undefined
      const maySign = column.signed === true || column.kind === 'signed-size'
      return cell.startsWith('-') && !maySign ? undefined : state.exact ? exactDecimal(cell) : nearestDecimal(cell)
    }
    case 'time': {
      const micros = referenceMicros(cell, column, state)
      if (micros === undefined || micros >= BigInt(Number.MAX_SAFE_INTEGER)) return undefined
      const isOutside = micros < BigInt(period.from) || micros >= BigInt(period.to)
      return column.to === 'ts_event' && isOutside ? undefined : micros
    }
  }
}

const NULLABLE: ReadonlySet<string> = new Set(['time', 'integer', 'decimal', 'flag', 'word', 'text'])
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const PLAIN = /^[^"\u0000-\u001f]*$/

function referenceMicros(cell: string, column: SourceColumn, state: ReferenceState): bigint | undefined {
  switch (column.unit ?? 'epoch') {
    case 'seconds': {
      if (!/^\d+(\.\d+)?$/.test(cell)) return undefined
      const [seconds = '', fraction = ''] = cell.split('.')
      return BigInt(seconds) * 1_000_000n + BigInt(fraction.slice(0, 6).padEnd(6, '0'))
    }
    case 'nanoseconds':
      return /^\d+$/.test(cell) ? BigInt(cell) / 1000n : undefined
    case 'text': {
      const isText = state.calendar.get(column.name) ?? cell[4] === '-'
      state.calendar.set(column.name, isText)
      return isText ? calendarMicros(cell) : epochMicros(cell, state)
    }
    case 'metatrader': {
      const match = /^(\d{4})\.(\d\d)\.(\d\d) (\d\d:\d\d)$/.exec(cell)
      if (match === null) return undefined
      const [, year = '', month = '', day = '', clock = ''] = match
      const micros = calendarMicros(`${year}-${month}-${day} ${clock}:00`)
      return micros === undefined ? undefined : micros - BigInt(column.utcOffset ?? 0)
    }
    case 'epoch':
      return epochMicros(cell, state)
  }
}

function epochMicros(cell: string, state: ReferenceState): bigint | undefined {
  if (!/^\d+$/.test(cell)) return undefined
  const unit = BigInt(cell) >= 10n ** 15n ? 1n : 1000n
  if (state.unit === 0n) state.unit = unit
  return unit === state.unit ? BigInt(cell) * unit : undefined
}

function calendarMicros(cell: string): bigint | undefined {
  const match = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?Z?)?$/.exec(cell)
  if (match === null) return undefined
  const [, day = '', time = '00:00:00', fraction = ''] = match
  const date = new Date(`${day}T${time}Z`)
  // Days that do not exist come out as others, or as none.
  if (Number.isNaN(date.getTime()) || date.toISOString() !== `${day}T${time}.000Z`) return undefined
  return BigInt(date.getTime()) * 1000n + BigInt(fraction.padEnd(6, '0'))
}

/** The number that a decimal text means, in one way: no zeros that say nothing, no exponent. */
export function plainDecimal(text: string): string {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e')
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
function nearestDecimal(text: string): string | undefined {
  return Number.isFinite(Number(text)) ? plainDecimal(String(Number(text))) : undefined
}

function exactDecimal(text: string): string | undefined {
  const number = plainDecimal(text)
  return /^-?\d{1,20}(\.\d{1,18})?$/.test(number) ? number : undefined
}

function trimZeros(digits: string): string {
  let end = digits.length
  while (digits[end - 1] === '0') end--
  return digits.slice(0, end)
}
