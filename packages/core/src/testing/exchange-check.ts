import { parseDatasetId, type DatasetId } from '../dataset-id.ts'
import type { ExchangeAdapter } from '../exchange-adapter.ts'
import type { DataType, Market } from '../vocabulary.ts'
import type { ExchangeFixtures, ExchangeParsers } from './exchange-fixtures.ts'

/** One promise of an adapter, and how to see whether it keeps it. */
export interface ExchangeCheck {
  readonly name: string
  /** Throws when the adapter breaks the promise. */
  readonly run: (subject: ExchangeSubject) => void | Promise<void>
}

/** What is checked, against what, with whose help. */
export interface ExchangeSubject {
  readonly adapter: ExchangeAdapter
  readonly fixtures: ExchangeFixtures
  readonly parsers: ExchangeParsers
}

/** The datasets of the fixtures. */
export function datasetsOf({ fixtures }: ExchangeSubject): readonly DatasetId[] {
  return fixtures.datasets.map(parseDatasetId)
}

/** Those that something serves. */
export function datasetsFor(
  subject: ExchangeSubject,
  { dataType, markets }: { readonly dataType: DataType; readonly markets: readonly Market[] },
): readonly DatasetId[] {
  return datasetsOf(subject).filter((one) => one.dataType === dataType && markets.includes(one.market))
}
