import { type ArchiveFolder, type DatasetId, type DataType, type Interval, isBarType, type Market } from '@lake/core'
import { symbolMatcher, type SymbolSelector } from './symbol-selector.ts'

/** A part of an archive. Everything where a member is absent. */
export interface ArchiveScope {
  readonly markets?: readonly Market[] | undefined
  readonly dataTypes?: readonly DataType[] | undefined
  readonly symbols?: SymbolSelector | undefined
  /** Of data types that are bars; others are not held back by it. */
  readonly intervals?: readonly Interval[] | undefined
}

export interface ScopeTest {
  holds(dataset: DatasetId): boolean
  /** False when nothing below the folder can be in the scope. */
  mayHold(folder: ArchiveFolder): boolean
  /** True when everything below the folder is in the scope, or too little of it is not to look at folders. */
  isSettled(folder: ArchiveFolder): boolean
}

/** The tests of a scope. Throws what {@link symbolMatcher} throws. */
export function scopeTest({ markets, dataTypes, symbols, intervals }: ArchiveScope): ScopeTest {
  const hasMarket = memberTest(markets)
  const hasDataType = memberTest(dataTypes)
  const hasInterval = memberTest(intervals)
  const hasSymbol = symbols === undefined ? () => true : symbolMatcher(symbols)

  function mayHold({ market, dataType, symbol, interval }: ArchiveFolder): boolean {
    return (
      (market === undefined || hasMarket(market)) &&
      (dataType === undefined || hasDataType(dataType)) &&
      (symbol === undefined || hasSymbol(symbol)) &&
      (interval === undefined || hasInterval(interval))
    )
  }

  function isSettled({ market, dataType, symbol, interval }: ArchiveFolder): boolean {
    if (market === undefined || dataType === undefined) return false
    if (symbol === undefined && symbols !== undefined) return false
    return interval !== undefined || intervals === undefined || !isBarType(dataType)
  }

  return { holds: mayHold, mayHold, isSettled }
}

function memberTest<T>(list: readonly T[] | undefined): (value: T) => boolean {
  if (list === undefined) return () => true
  const members = new Set(list)
  return (value) => members.has(value)
}
