import type { DatasetId } from './dataset-id.ts'
import type { Interval } from './interval.ts'
import { LakeError } from './lake-error.ts'
import type { LiveRules } from './live-rules.ts'
import type { KnownOutage } from './outage.ts'
import type { Period } from './period.ts'
import type { RestRules } from './rest-rules.ts'
import type { SourceFormat } from './source-format.ts'
import type { TimeRange } from './time-range.ts'
import type { UnreadFiles } from './unread-files.ts'
import type { DataType, Market } from './vocabulary.ts'

/** What the name of an archive file says about its content. */
export interface ArchiveName {
  readonly dataset: DatasetId
  readonly period: Period
}

/** What the name of a folder says about every file below it; what is absent, the folder leaves open. */
export interface ArchiveFolder {
  readonly market?: Market | undefined
  readonly dataType?: DataType | undefined
  readonly symbol?: string | undefined
  readonly interval?: Interval | undefined
}

/** A file as a page of an index names it. */
export interface ListedFile {
  readonly key: string
  /** In bytes; absent when the page does not say. */
  readonly size?: number | undefined
}

/** What one page of an index says. */
export interface ListedPage {
  readonly files: readonly ListedFile[]
  /** The pages to ask for next: folders of an `html-index`, ending in `/`; addresses of an `index-api`. */
  readonly next: readonly string[]
}

/** What an index is asked for. Everything when a member is absent. */
export interface ArchiveQuery {
  readonly markets?: readonly Market[] | undefined
  readonly dataTypes?: readonly DataType[] | undefined
  /** Exact names. */
  readonly symbols?: readonly string[] | undefined
  readonly intervals?: readonly Interval[] | undefined
  readonly range: TimeRange
}

/**
 * How a venue says what its archive has. Pure: whoever discovers makes the requests, and hands over the texts.
 *
 * | kind | what exists is learnt from |
 * |---|---|
 * | `s3` | the listing of a bucket |
 * | `html-index` | one HTML page a folder, at the folder's own address below `url` |
 * | `index-api` | pages of an API at `listingUrl`, which needs a range |
 * | `probe` | asking for each file that a symbol and a range could have |
 * | `histories` | names of files that hold all of a dataset each, in a place of the user; months of them are the archive’s files |
 */
export type ArchiveListing =
  | { readonly kind: 's3' }
  | { readonly kind: 'html-index'; readPage(text: string, folder: string): ListedPage }
  | {
      readonly kind: 'index-api'
      /** Addresses relative to `listingUrl`. */
      firstPages(query: ArchiveQuery): readonly string[]
      readPage(text: string, page: string): ListedPage
    }
  | { readonly kind: 'probe' }
  | {
      readonly kind: 'histories'
      /** What a history's name, without folders, says; `undefined` for every other file. */
      readName(name: string): DatasetId | undefined
      /** When a row happened, epoch microseconds UTC, by the beginning of its line; `undefined` when that says no time. */
      readTime(line: string): number | undefined
    }

/** Files of an archive that hold the rows of many instruments, each row with the name of its own. */
export interface SharedFiles {
  /** The dataset as which the archive's rules know these files, as `okx/cm/trades/BTC-USD-futureschain`. */
  readonly dataset: DatasetId
  /** What the names of all instruments in them begin with; empty where they may be any. A file with another is refused. */
  readonly namesBegin: string
}

/** How a venue lays out its public archive. Pure: no request is made here. */
export interface ArchiveRules {
  /** Where the bytes are, as `openStore` takes it. */
  readonly url: string
  /** Where the listing is served, when that is another place than `url`. */
  readonly listingUrl?: string | undefined
  /** `s3` when absent. */
  readonly listing?: ArchiveListing | undefined
  /** Appended to a file's key gives the key of its published checksum; absent when the venue publishes none. */
  readonly checksumSuffix?: string | undefined
  /** What the published checksum is made with; `sha256` when absent. */
  readonly checksumAlgorithm?: 'sha256' | 'md5' | undefined
  /** Microseconds from 00:00Z to the start of the archive's day: -8 hours where days are cut at UTC+8. 0 when absent. */
  readonly dayShift?: number | undefined
  /** The prefixes of the keys of a dataset, mostly folders. Empty when the archive never has that type. */
  prefixes(dataset: DatasetId): readonly string[]
  /** The key that a file has if it exists. `undefined` when the archive has no such files. */
  key(dataset: DatasetId, period: Period): string | undefined
  /** What a key's name says; `undefined` for every key that is no data file. */
  parseKey(key: string): ArchiveName | undefined
  /**
   * Each way to read a folder's name, so that a search need not enter it; none when no data file can lie below it.
   * The folder ends in `/`, or is empty for the root. Without this function a search lists everything.
   */
  readonly readFolder?: ((folder: string) => readonly ArchiveFolder[]) | undefined
  /**
   * The files that hold rows of a dataset among those of others, the ones to be preferred first. They are read where no
   * file of the dataset's own has the time, and their rows are told apart by the format's column of kind `symbol`.
   * Absent, or empty, where each dataset has its own files.
   */
  readonly sharedBy?: ((dataset: DatasetId) => readonly SharedFiles[]) | undefined
}

/** The version of the adapter contract that this package reads. It grows when an adapter must be rewritten. */
export const ADAPTER_CONTRACT = 1

/** One venue: data and pure functions. */
export interface ExchangeAdapter {
  readonly id: string
  /** The version of this contract that the adapter was written for; 1 when absent. */
  readonly contract?: number | undefined
  readonly archive?: ArchiveRules | undefined
  /** What its files look like inside. */
  readonly formats?: readonly SourceFormat[] | undefined
  /** Files that it has and that are not read, and why. */
  readonly unread?: readonly UnreadFiles[] | undefined
  /** What it serves over REST. */
  readonly rest?: RestRules | undefined
  /** What it sends over WebSockets. */
  readonly live?: LiveRules | undefined
  /** When all of it is known to have stood still. */
  readonly outages?: readonly KnownOutage[] | undefined
  /** True when the venue leaves out bars without trades, so that a missing bar is no gap. */
  readonly omitsEmptyBars?: boolean | undefined
  /**
   * When trading in the dataset's instrument ends, where its name says so, as that of a dated future does: epoch
   * microseconds UTC. `undefined` where it does not. Pure.
   */
  expiresAt?(dataset: DatasetId): number | undefined
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
 * @throws {@link LakeError} `UNSUPPORTED` when it was written for another version of the contract.
 *
 * @example
 * export const binance = defineExchange({ id: 'binance', archive, formats })
 */
export function defineExchange(adapter: ExchangeAdapter): ExchangeAdapter {
  // `source` is a folder beside the exchanges in a lake's inventory.
  if (!/^[a-z][a-z0-9]*$/.test(adapter.id) || adapter.id === 'source') {
    throw new LakeError(
      'BAD_REQUEST',
      `An exchange id is a lower-case word other than 'source', '${adapter.id}' is not.`,
    )
  }
  const { id, contract = ADAPTER_CONTRACT } = adapter
  if (contract !== ADAPTER_CONTRACT) {
    throw new LakeError(
      'UNSUPPORTED',
      `The adapter ${id} is written for version ${contract} of the contract, this lake reads ${ADAPTER_CONTRACT}. Install the matching release.`,
      { details: { exchange: id, contract, supported: ADAPTER_CONTRACT } },
    )
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
