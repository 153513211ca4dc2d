import type { DatasetId } from './dataset-id.ts'
import { LakeError } from './lake-error.ts'
import type { Period } from './period.ts'
import type { SourceFormat } from './source-format.ts'

/** What the name of an archive file says about its content. */
export interface ArchiveName {
  readonly dataset: DatasetId
  readonly period: Period
}

/** How a venue lays out its public archive. Pure: no request is made here. */
export interface ArchiveRules {
  /** Where the bytes are, as `openStore` takes it. */
  readonly url: string
  /** Where the listing is served, when that is another place than `url`. */
  readonly listingUrl?: string | undefined
  /** Appended to a file's key gives the key of its published sha256; absent when the venue publishes none. */
  readonly checksumSuffix?: string | undefined
  /** The folders that can hold files of a dataset, each ending in `/`. Empty when the archive never has that type. */
  prefixes(dataset: DatasetId): readonly string[]
  /** The key that a file has if it exists. `undefined` when the archive has no such files. */
  key(dataset: DatasetId, period: Period): string | undefined
  /** What a key's name says; `undefined` for every key that is no data file. */
  parseKey(key: string): ArchiveName | undefined
}

/** One venue: data and pure functions. */
export interface ExchangeAdapter {
  readonly id: string
  readonly archive?: ArchiveRules | undefined
  /** What its files look like inside. */
  readonly formats?: readonly SourceFormat[] | undefined
  /** True when the venue leaves out bars without trades, so that a missing bar is no gap. */
  readonly omitsEmptyBars?: boolean | undefined
  /**
   * The value of one contract in quote currency, for markets that count volume in contracts.
   * `undefined` when it is unknown: whatever needs it is then null, never guessed.
   */
  contractSize?(dataset: DatasetId): number | undefined
}

/**
 * Checks an adapter and gives it back.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when the id is not a lower-case word, or two formats claim the same files.
 *
 * @example
 * export const binance = defineExchange({ id: 'binance', archive, formats })
 */
export function defineExchange(adapter: ExchangeAdapter): ExchangeAdapter {
  if (!/^[a-z][a-z0-9]*$/.test(adapter.id)) {
    throw new LakeError('BAD_REQUEST', `An exchange id is a lower-case word, '${adapter.id}' is not.`)
  }
  const claimed = new Map<string, string>()
  for (const format of adapter.formats ?? []) {
    for (const market of format.markets) {
      const claim = `${market}/${format.dataType}`
      const other = claimed.get(claim)
      if (other !== undefined) {
        throw new LakeError('BAD_REQUEST', `Formats ${other} and ${format.id} of ${adapter.id} both claim ${claim}.`)
      }
      claimed.set(claim, format.id)
    }
  }
  return adapter
}
