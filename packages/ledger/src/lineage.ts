import { LakeError, type ObjectStore, parsePartitionKey } from '@lake/core'
import { readManifest } from './read-manifest.ts'

/** A file of the lake and the files it was made of, down to the bytes that came from outside. */
export interface LineageNode {
  readonly key: string
  readonly sha256?: string | undefined
  /** The revision of the step that made it; absent for bronze. */
  readonly revision?: number | undefined
  readonly inputs: readonly LineageNode[]
}

/**
 * From a partition back to the bronze files and their hashes.
 *
 * @throws {@link LakeError} `NOT_FOUND` when no manifest knows the key.
 */
export async function traceLineage(store: ObjectStore, key: string): Promise<LineageNode> {
  const partition = parsePartitionKey(key)
  const stored = partition && (await readManifest(store, partition.series, partition.label.slice(0, 7)))
  const file = stored?.manifest.files.find((candidate) => candidate.key === key)
  if (file === undefined) {
    throw new LakeError(
      'NOT_FOUND',
      `No manifest of the lake knows ${key}. Is it the key of a Parquet file, as in silver/…?`,
      {
        details: { key },
      },
    )
  }
  const inputs = await Promise.all(
    file.inputs.map(async (input) =>
      parsePartitionKey(input.key) === undefined ? { ...input, inputs: [] } : await traceLineage(store, input.key),
    ),
  )
  return { key, sha256: file.sha256, revision: file.revision, inputs }
}
