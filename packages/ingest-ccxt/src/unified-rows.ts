import { DAY_MICROS, intervalMicros, intervalStart, isInterval, LakeError } from '@lake/core'

/** What the rows of a unified method were asked for. */
export interface UnifiedAsk {
  /** ccxt's word for the interval of bars; absent for other rows. */
  readonly timeframe?: string | undefined
  /** Epoch milliseconds; absent where the newest rows are wanted. */
  readonly since?: number | undefined
  /** Whose rows they are, in words. */
  readonly what: string
  /** Asks for the same, but for so many rows. */
  readonly again: (limit: number) => Promise<unknown>
}

/**
 * Holds what ccxt made of an answer against what it was asked for.
 *
 * @throws {@link LakeError} `UNSUPPORTED` when bars begin where those of the lake do not, or when the venue gives its newest
 * rows whatever time it is asked for.
 */
export async function checkUnifiedRows(rows: unknown, ask: UnifiedAsk): Promise<void> {
  if (ask.timeframe !== undefined) checkGrid(rows, ask.timeframe, ask.what)
  const [first, last] = timesOf(rows)
  const { since } = ask
  if (since === undefined || first === undefined || last === undefined) return
  // Rows that begin late and end now are those of a young symbol, or the newest of an old one: a single row tells, which
  // is the first of them where the venue minds the time. ccxt leaves out rows before `since` itself, so they do not show.
  const step = stepOf(ask.timeframe)
  if (first <= since + step || last < Date.now() - 2 * step) return
  const [single] = timesOf(await ask.again(1))
  if (single === undefined || single <= first) return
  throw new LakeError(
    'UNSUPPORTED',
    `Rows of ${ask.what} were asked for from ${instant(since)} on, and the venue gave its newest, from ${instant(first)} on, whatever the time: older ones cannot be had this way, and nothing was stored. Ask for rows from ${instant(first)} on.`,
    { details: { since: since * 1000, first: first * 1000 } },
  )
}

/** A member of whatever ccxt gave. */
export function memberOf(value: unknown, name: string): unknown {
  const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
  return found
}

function checkGrid(rows: unknown, timeframe: string, what: string): void {
  const interval = intervalOf(timeframe)
  if (!Array.isArray(rows) || !isInterval(interval)) return
  for (const row of rows) {
    const micros = Number(memberOf(row, '0')) * 1000
    if (intervalStart(interval, micros) === micros) continue
    throw new LakeError(
      'UNSUPPORTED',
      `A ${interval} bar of ${what} begins at ${instant(micros / 1000)}, where none of the lake's begins: the venue cuts its days elsewhere. Take a shorter interval and resample.`,
      { details: { interval, begins: micros } },
    )
  }
}

/** The first and the last time of some rows, whatever their order. */
function timesOf(rows: unknown): [first?: number, last?: number] {
  if (!Array.isArray(rows) || rows.length === 0) return []
  let [first, last] = [Infinity, -Infinity]
  for (const row of rows) {
    const time = Number(Array.isArray(row) ? row[0] : memberOf(row, 'timestamp'))
    first = Math.min(first, time)
    last = Math.max(last, time)
  }
  return [first, last]
}

/** How far two rows lie apart at most, in milliseconds: those of funding eight hours. */
function stepOf(timeframe = '8h'): number {
  const interval = intervalOf(timeframe)
  if (!isInterval(interval)) return Infinity
  return (intervalMicros(interval) ?? 31 * DAY_MICROS) / 1000
}

function intervalOf(timeframe: string): string {
  return timeframe === '1M' ? '1mo' : timeframe
}

function instant(millis: number): string {
  return new Date(millis).toISOString()
}
