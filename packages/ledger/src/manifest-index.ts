import { collectBytes, LakeError, type LakeErrorCode, type ObjectStore } from '@lake/core'
import type { StoredManifest } from './read-manifest.ts'
import { sha256Of } from './sha256.ts'

/*
 * A lake of ten thousand months has ten thousand manifests, and most stand as they stood yesterday. What reads them all
 * would spend its time on opening small files, or on one request each. So the manifests of a folder also lie rolled up in
 * one document, each with the etag under which it was read. A listing tells the etags of today: an entry that has the
 * same one is the manifest, and all others are read. The document may be late, lost or damaged: that costs reads, and
 * nothing is ever believed that the listing does not confirm.
 */

/** Manifests of one folder as somebody has read them, by their keys. */
export interface ManifestIndex {
  /** Of the document; `undefined` when there is none. */
  readonly etag: string | undefined
  readonly manifests: ReadonlyMap<string, StoredManifest>
}

/** `_lake/manifests/`: what all manifests lie below. */
export const MANIFEST_PREFIX = '_lake/manifests/'

/** To be raised when manifests get another shape: what was rolled up before is not read then. */
export const INDEX_REVISION = 1

/** `_lake/index/manifests/klines/binance/spot/BTCUSDT/1m.json` of `_lake/manifests/klines/binance/spot/BTCUSDT/1m/`. */
function manifestIndexKey(folder: string): string {
  return `_lake/index/manifests/${folder.slice(MANIFEST_PREFIX.length, -1)}.json`
}

/** The folder of a key, with a slash at its end. */
export function folderOf(key: string): string {
  return key.slice(0, key.lastIndexOf('/') + 1)
}

/**
 * What is rolled up of a folder of manifests. Whatever is wrong with the document, it is as good as not there.
 *
 * @throws {@link LakeError} when the store does not answer.
 */
export async function readManifestIndex(
  store: ObjectStore,
  folder: string,
  signal?: AbortSignal,
): Promise<ManifestIndex> {
  try {
    const { info, body } = await store.get(manifestIndexKey(folder), { signal })
    return { etag: info.etag, manifests: parseIndex(folder, await collectBytes(body)) }
  } catch (error) {
    if (LakeError.is(error) && UNREADABLE.has(error.code)) return { etag: undefined, manifests: new Map() }
    throw error
  }
}

/** Some buckets forbid to look for what is not there. */
const UNREADABLE: ReadonlySet<LakeErrorCode> = new Set(['NOT_FOUND', 'NO_PERMISSION'])

/**
 * Rolls up manifests of a folder in the place of what was read before. Gives false when the store did not take it:
 * somebody else was faster, or nobody may write here. Nothing depends on it.
 */
export async function putManifestIndex(
  store: ObjectStore,
  folder: string,
  { etag, manifests }: ManifestIndex,
  signal?: AbortSignal,
): Promise<boolean> {
  const body = JSON.stringify(Object.fromEntries([...manifests].map(([key, stored]) => [monthIn(folder, key), stored])))
  const bytes = new TextEncoder().encode(`${sealOf(body)}\n${body}\n`)
  try {
    const condition = etag === undefined ? { ifAbsent: true } : { ifMatch: etag }
    await store.put(manifestIndexKey(folder), bytes, { ...condition, signal })
    return true
  } catch (error) {
    if (LakeError.is(error)) return false
    throw error
  }
}

/** The first line: which release wrote the second, and its hash, so that one that was cut or changed is not believed. */
function sealOf(body: Uint8Array | string): string {
  return JSON.stringify({ format: 1, revision: INDEX_REVISION, sha256: sha256Of(body) })
}

function parseIndex(folder: string, bytes: Uint8Array): ReadonlyMap<string, StoredManifest> {
  const end = bytes.indexOf(NEWLINE)
  const body = bytes.subarray(end + 1, -1)
  if (end < 0 || new TextDecoder().decode(bytes.subarray(0, end)) !== sealOf(body)) return new Map()
  const months: unknown = JSON.parse(new TextDecoder().decode(body))
  if (!isSealed(months)) return new Map()
  return new Map(Object.entries(months).map(([month, stored]) => [`${folder}${month}.json`, stored]))
}

const NEWLINE = 10

/** The seal says that it is what this very code wrote of manifests that were checked when they were read. */
function isSealed(value: unknown): value is Readonly<Record<string, StoredManifest>> {
  return typeof value === 'object' && value !== null
}

function monthIn(folder: string, key: string): string {
  return key.slice(folder.length, -'.json'.length)
}
