import {
  type Gap,
  LakeError,
  type LakeErrorCode,
  type ObjectInfo,
  type ObjectStore,
  partitionKey,
  readObject,
  type Series,
  type TimeRange,
  versionKey,
} from '@lake/core'
import { fingerprintOf } from './fingerprint.ts'
import { keepBytes } from './keep-bytes.ts'
import type { ManifestCommit, ManifestFile } from './manifest.ts'
import type { ManifestInput } from './manifest-parts.ts'
import type { RowConflict } from './row-conflict.ts'
import type { PartitionQuality } from './partition-quality.ts'
import type { StoredManifest } from './read-manifest.ts'
import { sha256Of } from './sha256.ts'
import { swapManifest } from './swap-manifest.ts'

/** A computed partition and what it was computed from. */
export interface CommitOptions {
  readonly store: ObjectStore
  readonly series: Series
  /** `2024-01` or `2024-01-31`. */
  readonly label: string
  /** The manifest that the caller decided on; `undefined` when there was none. */
  readonly base: StoredManifest | undefined
  /** The Parquet file, whole. */
  readonly bytes: Uint8Array
  readonly rows: number
  /** Time of the first and last row, epoch microseconds UTC. */
  readonly first: number
  readonly last: number
  /** What the inputs claim to cover. */
  readonly span: TimeRange
  readonly inputs: readonly ManifestInput[]
  readonly revision: number
  readonly options: ManifestFile['options']
  readonly gaps?: readonly Gap[] | undefined
  readonly counts?: Readonly<Record<string, number>> | undefined
  readonly conflicts?: readonly RowConflict[] | undefined
  readonly quality?: PartitionQuality | undefined
  /**
   * True when rows of the file that stands are changed or taken away: its bytes are kept then, and the manifest
   * remembers them. Absent: when one of its inputs is gone.
   */
  readonly restates?: boolean | undefined
  /** Where the file has rows that the one that stands has not, when it only adds some: no earlier row lies there. */
  readonly added?: readonly TimeRange[] | undefined
  /** The clock, epoch microseconds UTC. */
  readonly now: number
  /** Name of the run that commits. */
  readonly run?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** What a commit left behind. */
export interface Committed {
  readonly file: ManifestFile
  /** The swapped manifest: the base of the next commit to the same month. */
  readonly stored: StoredManifest
  /** False when the file was there already, byte for byte, and only the manifest moved. */
  readonly fileChanged: boolean
}

/**
 * Makes a partition the truth, in an order that a crash cannot spoil:
 *
 * 1. bytes that are superseded, since rows of them are changed or taken away, are kept under `_lake/versions/`;
 * 2. the file is put, conditional on what lies there now, so that of two writers one wins;
 * 3. the manifest is swapped, conditional on `base`.
 *
 * Killed before 2, nothing has changed. Killed between 2 and 3, the file has an etag that the manifest does not
 * know, which tells the next run to rebuild it, and the same inputs give the same bytes. A writer that slept
 * through somebody else's commit gets a conflict and changes nothing.
 *
 * A full disk at step 3 undoes step 2.
 *
 * A mark that the partition was blocked goes with the swap.
 *
 * Appending loses nothing, so only a restatement costs a kept version. The manifest remembers it from the swap on,
 * with the time of the swap: `filesAt` tells which version was the truth when.
 *
 * @throws {@link LakeError} `CONFLICT` when another writer was first: read the manifest again and decide anew.
 *
 * @example
 * const base = await readManifest(store, series, '2026-04')
 * const rows = { bytes, rows: 90, first, last, span: parsePeriod('2026-04') }
 * const origin = { inputs: [{ key, sha256 }], revision: 1, options: {}, now: Date.now() * 1000 }
 * const { file } = await commitPartition({ store, series, label: '2026-04', base, ...rows, ...origin })
 */
export async function commitPartition(options: CommitOptions): Promise<Committed> {
  const { store, series, label, base, bytes, signal } = options
  const key = partitionKey(series, label)
  const sha256 = sha256Of(bytes)
  const known = base?.manifest.files.find((file) => file.label === label)
  const present = await store.head(key, { signal })
  const isKnown = known !== undefined && present?.etag === known.etag
  if (isKnown && known.sha256 === sha256) {
    const file = manifestFileOf(options, key, present.etag, sha256)
    return { file, stored: await swapFile(options, file), fileChanged: false }
  }
  const restates = options.restates ?? replacesAnInput(known?.inputs ?? [], options.inputs)
  if (known !== undefined && present !== undefined && restates) await keepVersion(store, present, known, signal)
  const before = isKnown ? await readObject(store, key, { ifMatch: known.etag, signal }) : undefined
  const condition = present === undefined ? { ifAbsent: true } : { ifMatch: present.etag }
  const info = await store.put(key, bytes, { ...condition, signal })
  const file = manifestFileOf(options, key, info.etag, sha256)
  const version = restates && known !== undefined && known.sha256 !== sha256 ? versionKey(known.sha256) : undefined
  let stored: StoredManifest
  try {
    // After a crash the file that stands is already the new one; the old one's bytes were kept before.
    const isThere =
      version !== undefined && (before !== undefined || (await store.head(version, { signal })) !== undefined)
    stored = await swapFile(options, file, isThere ? known : undefined)
  } catch (error) {
    if (LakeError.is(error) && REFUSED.has(error.code)) await putBack(store, info, before)
    throw error
  }
  // A prune may have deleted these bytes for an older entry; one that comes after the swap sees that they are wanted.
  if (version !== undefined && before !== undefined && (await store.head(version)) === undefined)
    await keepBytes(store, version, before)
  return { file, stored, fileChanged: true }
}

/** After these the manifest is certainly the old one; after any other failure nobody can tell. */
const REFUSED: ReadonlySet<LakeErrorCode> = new Set(['NO_SPACE', 'NO_PERMISSION'])

/** Undoes the put of a file whose manifest was refused. Where that fails too, the next run mends it as after a crash. */
async function putBack(store: ObjectStore, { key, etag }: ObjectInfo, before: Uint8Array | undefined): Promise<void> {
  try {
    if (before !== undefined) await store.put(key, before, { ifMatch: etag })
    else if ((await store.head(key))?.etag === etag) await store.delete(key)
  } catch (error) {
    if (!LakeError.is(error)) throw error
  }
}

function replacesAnInput(before: readonly ManifestInput[], after: readonly ManifestInput[]): boolean {
  const kept = new Set(after.map((input) => input.sha256))
  return before.some((input) => !kept.has(input.sha256))
}

async function keepVersion(
  store: ObjectStore,
  { key, etag }: ObjectInfo,
  known: ManifestFile,
  signal: AbortSignal | undefined,
): Promise<void> {
  const version = versionKey(known.sha256)
  if ((await store.head(version, { signal })) !== undefined) return
  const bytes = await readObject(store, key, { ifMatch: etag, signal })
  // After a crash the new file may lie there already; in a copied lake the old one has another etag.
  if (etag !== known.etag && sha256Of(bytes) !== known.sha256) return
  await keepBytes(store, version, bytes, signal)
}

function manifestFileOf(options: CommitOptions, key: string, etag: string, sha256: string): ManifestFile {
  const { label, bytes, rows, first, last, span, revision, gaps, counts = {}, conflicts = [], quality, base } = options
  const known = base?.manifest.files.find((file) => file.label === label)
  const inputs = options.inputs.map(({ key, sha256 }) => ({ key, sha256 })).sort((a, b) => (a.key < b.key ? -1 : 1))
  const fingerprint = fingerprintOf({
    inputs: inputs.map((input) => input.sha256),
    revision,
    options: options.options,
  })
  return {
    label,
    key,
    etag,
    sha256,
    bytes: bytes.length,
    rows,
    first,
    last,
    span: { from: span.from, to: span.to },
    inputs,
    revision,
    options: options.options,
    fingerprint,
    ...(gaps === undefined ? {} : { gaps: gaps.map(({ from, to, expected }) => ({ from, to, expected })) }),
    counts: Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0)),
    ...(conflicts.length === 0 ? {} : { conflicts }),
    commit: known?.sha256 === sha256 && known.commit !== undefined ? known.commit : commitOf(options, known),
    ...addedOf(options, known, sha256),
    ...(quality === undefined ? {} : { quality }),
  }
}

function addedOf(
  { restates, inputs, added = [], now: at }: CommitOptions,
  known: ManifestFile | undefined,
  sha256: string,
): Pick<ManifestFile, 'added'> {
  if (known === undefined) return {}
  const isSame = known.sha256 === sha256
  if (!isSame && (restates ?? replacesAnInput(known.inputs, inputs))) return {}
  const young = isSame ? [] : added.map(({ from, to }) => ({ at, from, to }))
  const all = [...(known.added ?? []), ...young]
  return all.length === 0 ? {} : { added: all }
}

function commitOf({ now: at, run, restates, inputs }: CommitOptions, known: ManifestFile | undefined): ManifestCommit {
  const isNew = known === undefined || (restates ?? replacesAnInput(known.inputs, inputs))
  const since = isNew ? at : known.commit?.since
  return { at, ...(run === undefined ? {} : { run }), ...(since === undefined ? {} : { since }) }
}

async function swapFile(options: CommitOptions, file: ManifestFile, before?: ManifestFile): Promise<StoredManifest> {
  const { store, series, label, base, now, signal } = options
  const isOther = (one: { readonly label: string }): boolean => one.label !== label
  const files = [...(base?.manifest.files.filter(isOther) ?? []), file]
  const blocked = base?.manifest.blocked?.filter(isOther) ?? []
  const known = base?.manifest.superseded ?? []
  const superseded =
    before === undefined ? known : [...known, { ...before, supersededAt: now, supersededBy: file.sha256 }]
  return swapManifest({ store, series, month: label.slice(0, 7), base, files, blocked, superseded, signal })
}
