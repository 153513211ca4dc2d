import type { Interval, Period } from '@lake/core'
import type { ManifestFile } from '@lake/ledger'
import type { DatasetScope } from './dataset-scope.ts'
import type { Lake } from './define-lake.ts'
import type { GoldFile } from './encode-gold.ts'
import type { ManifestIndex } from './manifest-index.ts'
import type { SilverReader } from './read-silver.ts'

/** Readers of the silver tables that gold is made of. */
export interface SilverReaders {
  readonly klines: SilverReader<'klines'>
  readonly trades: SilverReader<'trades'>
  readonly aggTrades: SilverReader<'aggTrades'>
  readonly fundingRate: SilverReader<'fundingRate'>
}

/** One gold partition to bring up to date. */
export interface GoldTask {
  readonly lake: Lake
  readonly scope: DatasetScope
  readonly index: ManifestIndex
  readonly read: SilverReaders
  /** What was made of a silver file alone, when that was made. */
  readonly ahead: (silver: ManifestFile, interval: Interval) => GoldFile | undefined
  readonly interval: Interval
  readonly month: Period
  readonly signal?: AbortSignal | undefined
}
