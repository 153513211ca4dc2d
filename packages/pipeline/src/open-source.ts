import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type ArchiveRules, type ExchangeAdapter, LakeError, type ObjectStore } from '@lake/core'
import { historyStore } from '@lake/ingest-s5cmd'
import { openStore } from '@lake/storage'

/** Where to take from. */
export interface SourceRequest {
  readonly source: string | ObjectStore
  readonly listingUrl?: string | undefined
  /** Who reads a bucket, where that is somebody else than who writes the lake. */
  readonly sourceAccess?: SourceAccess | undefined
}

/** Who reads a source in S3, and where. */
export interface SourceAccess {
  /** Nobody in particular: without a signature, as a public bucket allows. */
  readonly anonymous?: boolean | undefined
  /** A profile of the AWS configuration. */
  readonly profile?: string | undefined
  /** The server that has the bucket, as a mirror: that of the AWS variables when absent. */
  readonly endpoint?: string | undefined
  /** Whoever reads agrees to be charged, as some buckets ask. */
  readonly requesterPays?: boolean | undefined
}

/**
 * The archive of a request as a store. The listing of an HTTP source is looked for where the request says; for the
 * venue's own archive, where the adapter says; for any other server at its root, as a bucket has it, and then under
 * the path at which the venue's listing host has it, as a mirror may. Histories that people download are seen as their
 * months.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when the source is no URL of a known kind, or no bucket and yet has a `sourceAccess`;
 * `NOT_FOUND` when it is a folder that is not there.
 */
export function openSource(
  { source, listingUrl, sourceAccess }: SourceRequest,
  { archive }: ExchangeAdapter,
): ObjectStore {
  const opened = typeof source === 'string' ? openUrl({ source, listingUrl, sourceAccess }, archive) : source
  const listing = archive?.listing
  if (archive === undefined || listing?.kind !== 'histories') return opened
  if (!/^https?:/i.test(opened.url)) return historyStore(opened, archive, listing)
  const message = `These files are downloaded by hand: fetch them from the venue's page, and give the folder that they lie in, packed or not, instead of ${opened.url}. Nothing was moved.`
  throw new LakeError('UNSUPPORTED', message, { details: { source: opened.url } })
}

function openUrl(
  { source, listingUrl, sourceAccess = {} }: SourceRequest & { readonly source: string },
  archive: ArchiveRules | undefined,
): ObjectStore {
  const { anonymous, profile, endpoint, requesterPays } = sourceAccess
  if (/^s3:/i.test(source)) return openStore(source, { anonymous, profile, endpoint, requesterPays })
  if (anonymous === true || requesterPays === true || profile !== undefined || endpoint !== undefined) {
    const message = `Only a bucket, s3://…, is read without a signature, at the reader's cost, by a profile or at an endpoint: ${source} is none.`
    throw new LakeError('BAD_REQUEST', message, { details: { source } })
  }
  if (listingUrl !== undefined) return openStore(source, { listingUrl })
  if (isSamePlace(source, archive)) return openStore(source, { listingUrl: archive?.listingUrl })
  const store = openStore(source)
  holdFolder(store)
  const mirrored = mirroredListing(source, archive)
  return mirrored === undefined ? store : listingFrom(store, openStore(source, { listingUrl: mirrored }))
}

/** A folder that is not there would look like an archive from which everything has vanished. */
function holdFolder({ url }: ObjectStore): void {
  if (!url.startsWith('file:') || existsSync(fileURLToPath(url))) return
  const message = `There is no folder ${fileURLToPath(url)}. Nothing was touched: check its name, or whether its disk is mounted.`
  throw new LakeError('NOT_FOUND', message, { details: { source: url } })
}

/** The time up to which a source is asked for files that it does not list: listings of web servers go stale. */
export function probeTime(source: ObjectStore, now: number): number | undefined {
  return /^https?:/.test(source.url) ? now : undefined
}

function isSamePlace(source: string, archive: ArchiveRules | undefined): boolean {
  return source.replace(/\/+$/, '') === archive?.url.replace(/\/+$/, '')
}

function mirroredListing(source: string, archive: ArchiveRules | undefined): string | undefined {
  if (archive?.listingUrl === undefined || !/^https?:/i.test(source)) return undefined
  return new URL(new URL(archive.listingUrl).pathname, source).href
}

/** The first store, listed by the second where it cannot list itself. */
function listingFrom(store: ObjectStore, second: ObjectStore): ObjectStore {
  return {
    ...store,
    async *list(options) {
      try {
        yield* store.list(options)
      } catch (error) {
        if (!LakeError.is(error) || error.code !== 'UNSUPPORTED') throw error
        yield* second.list(options)
      }
    },
  }
}
