import { canonicalJson, manifestKey, type ObjectStore, type Series } from '@lake/core'
import type { Manifest } from './manifest.ts'
import type { StoredManifest } from './read-manifest.ts'

export interface SwapManifestOptions {
  readonly store: ObjectStore
  readonly series: Series
  /** `YYYY-MM` */
  readonly month: string
  /** The manifest that the caller decided on; `undefined` when there was none. */
  readonly base: StoredManifest | undefined
  readonly files: Manifest['files']
  readonly blocked: NonNullable<Manifest['blocked']>
  readonly superseded: NonNullable<Manifest['superseded']>
  readonly signal?: AbortSignal | undefined
}

/**
 * Puts a manifest in the place of the one that the caller decided on.
 *
 * @throws {@link LakeError} `CONFLICT` when another writer was first.
 */
export async function swapManifest(options: SwapManifestOptions): Promise<StoredManifest> {
  const { store, series, month, base, superseded, signal } = options
  const files = [...options.files].sort(byLabel)
  const blocked = [...options.blocked].sort(byLabel)
  const manifest: Manifest = {
    ...{ format: 1, series, month, files },
    ...(superseded.length === 0 ? {} : { superseded }),
    ...(blocked.length === 0 ? {} : { blocked }),
  }
  const condition = base === undefined ? { ifAbsent: true } : { ifMatch: base.etag }
  const bytes = new TextEncoder().encode(`${canonicalJson(manifest, 1)}\n`)
  const { etag } = await store.put(manifestKey(series, month), bytes, { ...condition, signal })
  return { manifest, etag }
}

function byLabel(a: { readonly label: string }, b: { readonly label: string }): number {
  return a.label < b.label ? -1 : 1
}
