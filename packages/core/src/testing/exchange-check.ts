import { parseDatasetId, type DatasetId } from '../dataset-id.ts'
import type { ExchangeAdapter } from '../exchange-adapter.ts'
import type { PageFormat } from '../page-format.ts'
import type { SourceFormat } from '../source-format.ts'
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

/** The formats of everything that the adapter's series and channels give. */
export function pageFormatsOf({ adapter }: ExchangeSubject): readonly PageFormat[] {
  return [...(adapter.rest?.series ?? []), ...(adapter.live?.channels ?? [])].map(({ format }) => format)
}

/** The formats of files, pages and frames. */
export function formatsOf(subject: ExchangeSubject): readonly (SourceFormat | PageFormat)[] {
  return [...(subject.adapter.formats ?? []), ...pageFormatsOf(subject)]
}
