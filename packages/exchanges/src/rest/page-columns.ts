import type { SourceColumn } from '@lake/core'

/** A price of a bar. */
export function price(name: string): SourceColumn {
  return { name, kind: 'decimal', to: name }
}

/** Open time, open, high, low and close, in the order in which most venues put them. */
export const BAR_PRICES: readonly SourceColumn[] = [
  { name: 'time', kind: 'time', to: 'ts_event' },
  ...['open', 'high', 'low', 'close'].map(price),
]

/** The same of an index or a premium, which can be negative. */
export const SIGNED_BAR_PRICES: readonly SourceColumn[] = BAR_PRICES.map((column) =>
  column.kind === 'decimal' ? { ...column, signed: true } : column,
)

/** A bar closes one millisecond before the next one opens, as the archives that say so have it. */
export const CLOSE_BEFORE = 1000

/** The unit of a bar's volume where it is not contracts. */
export const BASE_AND_QUOTE: Readonly<Record<string, string>> = { volume: 'base asset', quote_volume: 'quote asset' }

/** Where volume counts contracts, and the amount beside it is the coin that they are margined in. */
export const CONTRACTS_AND_BASE: Readonly<Record<string, string>> = { volume: 'contracts', quote_volume: 'base asset' }

/** Milliseconds of the first instant at or after this one. */
export function millisUp(micros: number): number {
  return Math.ceil(micros / 1000)
}
