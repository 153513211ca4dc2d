import { LakeError, type ObjectStore, parsePartitionKey } from '@lake/core'
import type { Manifest, ManifestCommit, ManifestFile } from './manifest.ts'
import type { ManifestInput } from './manifest-parts.ts'
import { listManifests } from './list-manifests.ts'
import { readManifest } from './read-manifest.ts'

/** A file of the lake and the files it was made of, down to the bytes that came from outside. */
export interface LineageNode {
  readonly key: string
  readonly sha256: string
  /**
   * `received` from outside; `current`, the truth today; `superseded` by a restatement, kept under `_lake/versions/`;
   * `grown`: rows were added to it since, so that these very bytes are gone.
   */
  readonly state: 'received' | 'current' | 'superseded' | 'grown'
  /** The revision of the step that made it, and what else shaped it; absent for what was received, and what is gone. */
  readonly revision?: number | undefined
  readonly options?: ManifestFile['options'] | undefined
  readonly rows?: number | undefined
  /** When and by which run it was made the truth. */
  readonly commit?: ManifestCommit | undefined
  readonly inputs: readonly LineageNode[]
}

/**
 * From a partition back to the bronze files and their hashes. Reads manifests only.
 *
 * @param key of a Parquet file in silver or gold, or of a version that is kept
 *
 * @throws {@link LakeError} `NOT_FOUND` when no manifest knows the key.
 *
 * @example
 * const { inputs } = await traceLineage(store, 'gold/bars/exchange=binance/…/2020-01.parquet')
 */
export async function traceLineage(store: ObjectStore, key: string): Promise<LineageNode> {
  const version = VERSION_KEY.exec(key)?.[1]
  const file = version === undefined ? await currentFile(store, key) : await keptFile(store, version)
  if (file !== undefined) return nodeOf(store, file, version === undefined ? 'current' : 'superseded')
  throw new LakeError(
    'NOT_FOUND',
    `No manifest of the lake knows ${key}. Is it the key of a Parquet file, as in silver/…?`,
    { details: { key } },
  )
}

const VERSION_KEY = /^_lake\/versions\/([0-9a-f]{64})\.parquet$/

async function currentFile(store: ObjectStore, key: string): Promise<ManifestFile | undefined> {
  return (await manifestOf(store, key))?.files.find((candidate) => candidate.key === key)
}

async function keptFile(store: ObjectStore, sha256: string): Promise<ManifestFile | undefined> {
  for await (const { superseded = [] } of listManifests(store)) {
    const file = superseded.find((candidate) => candidate.sha256 === sha256)
    if (file !== undefined) return file
  }
  return undefined
}

async function manifestOf(store: ObjectStore, key: string): Promise<Manifest | undefined> {
  const partition = parsePartitionKey(key)
  return partition && (await readManifest(store, partition.series, partition.label.slice(0, 7)))?.manifest
}

async function nodeOf(
  store: ObjectStore,
  { key, sha256, revision, options, rows, commit, inputs }: ManifestFile,
  state: LineageNode['state'],
): Promise<LineageNode> {
  const nodes: LineageNode[] = []
  for (const input of inputs) nodes.push(await inputNode(store, input))
  return { key, sha256, state, revision, options, rows, ...(commit === undefined ? {} : { commit }), inputs: nodes }
}

async function inputNode(store: ObjectStore, { key, sha256 }: ManifestInput): Promise<LineageNode> {
  if (parsePartitionKey(key) === undefined) return { key, sha256, state: 'received', inputs: [] }
  const { files = [], superseded = [] } = (await manifestOf(store, key)) ?? {}
  const is = (file: ManifestFile): boolean => file.key === key && file.sha256 === sha256
  const current = files.find(is)
  if (current !== undefined) return nodeOf(store, current, 'current')
  const kept = superseded.find(is)
  return kept === undefined ? { key, sha256, state: 'grown', inputs: [] } : nodeOf(store, kept, 'superseded')
}
