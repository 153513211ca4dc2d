import { type ArchiveRules, type ExchangeAdapter, LakeError, type ObjectStore } from '@lake/core'
import { openStore } from '@lake/storage'

/** Where to take from. */
export interface SourceRequest {
  readonly source: string | ObjectStore
  readonly listingUrl?: string | undefined
}

/**
 * The archive of a request as a store. The listing of an HTTP source is looked for where the request says; for the
 * venue's own archive, where the adapter says; for any other server at its root, as a bucket has it, and then under
 * the path at which the venue's listing host has it, as a mirror may.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when the source is no URL of a known kind.
 */
export function openSource({ source, listingUrl }: SourceRequest, { archive }: ExchangeAdapter): ObjectStore {
  if (typeof source !== 'string') return source
  if (listingUrl !== undefined) return openStore(source, { listingUrl })
  if (isSamePlace(source, archive)) return openStore(source, { listingUrl: archive?.listingUrl })
  const store = openStore(source)
  const mirrored = mirroredListing(source, archive)
  return mirrored === undefined ? store : listingFrom(store, openStore(source, { listingUrl: mirrored }))
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
