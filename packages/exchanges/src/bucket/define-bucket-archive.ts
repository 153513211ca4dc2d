import { defineExchange, type ExchangeAdapter, LakeError, type SourceFormat } from '@lake/core'
import { type BucketLayout, type BucketWords, layoutRules } from './layout-rules.ts'
import { readIndexPage } from './read-index-page.ts'

export interface BucketArchiveOptions {
  /** What the exchange is called in dataset ids: a lower-case word. */
  readonly id: string
  /** Where the files are, as `openStore` takes it. */
  readonly url: string
  readonly listingUrl?: string | undefined
  /** `s3` for buckets and folders, the default; `html-index` for a web server's pages; `probe` where nothing lists. */
  readonly listing?: 's3' | 'html-index' | 'probe' | undefined
  /** The forms that keys have: a path, or a path and what it leaves unsaid. */
  readonly layouts: readonly (string | BucketLayout)[]
  readonly words?: BucketWords | undefined
  /** What a file's key and its checksum's key differ by. */
  readonly checksumSuffix?: string | undefined
  readonly checksumAlgorithm?: 'sha256' | 'md5' | undefined
  readonly dayShift?: number | undefined
  readonly formats?: readonly SourceFormat[] | undefined
}

/**
 * An adapter for anybody's own bucket, folder or web server, from the form of its keys.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when there is no id, no url or no layout, or one that cannot tell its files apart.
 *
 * @example
 * const desk = defineBucketArchive({
 *   id: 'desk',
 *   url: 's3://desk-ticks',
 *   layouts: ['{market}/{dataType}/{symbol}/{symbol}_{yyyymmdd}.csv.gz'],
 *   words: { dataTypes: { trades: 'ticks' } },
 * })
 */
export function defineBucketArchive(options: BucketArchiveOptions): ExchangeAdapter {
  holdOptions(options)
  const { id, url, listingUrl, listing: kind = 's3', words, checksumSuffix, checksumAlgorithm, dayShift } = options
  const layouts = options.layouts.map((layout) => (typeof layout === 'string' ? { path: layout } : layout))
  const listing = kind === 'html-index' ? { kind, readPage: readIndexPage } : { kind }
  const rules = layoutRules(id, layouts, words)
  return defineExchange({
    id,
    contract: 1,
    archive: { url, listingUrl, listing, checksumSuffix, checksumAlgorithm, dayShift, ...rules },
    formats: options.formats,
  })
}

/** A configuration in JavaScript was checked by no compiler. */
function holdOptions({ id, url, layouts }: Readonly<Record<'id' | 'url' | 'layouts', unknown>>): void {
  const missing =
    typeof id !== 'string'
      ? "id: give it a lower-case name, as in id: 'desk'."
      : typeof url !== 'string' || url === ''
        ? "url: say where its files are, as in url: 's3://desk-ticks'."
        : !Array.isArray(layouts) || layouts.length === 0
          ? "layout: say what its keys look like, as in layouts: ['{market}/{dataType}/{symbol}/{day}.csv.gz']."
          : undefined
  if (missing === undefined) return
  throw new LakeError(
    'BAD_REQUEST',
    `${typeof id === 'string' ? `The archive of ${id}` : 'A bucket archive'} has no ${missing}`,
    { details: { exchange: id } },
  )
}
