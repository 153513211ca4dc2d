import { bronzeArchiveKey, type Series } from '@lake/core'
import type { Manifest, SourceRecord } from '@lake/ledger'
import type { ArchiveChange, ChangedPart } from './archive-change.ts'
import { originalKey } from './restated-key.ts'

export interface RestatementOptions {
  readonly changes: Iterable<ArchiveChange>
  /** All manifests of the lake that could depend on the changed files. */
  readonly manifests: Iterable<Manifest>
}

/** A partition that was made, directly or through others, of bytes that the source has replaced. */
export interface AffectedPartition {
  readonly series: Series
  readonly label: string
  readonly key: string
}

/** The source serves other bytes under a name. */
export interface Restatement {
  readonly exchange: string
  /** The key at the source. */
  readonly key: string
  readonly what: readonly ChangedPart[]
  readonly before?: SourceRecord | undefined
  readonly after: SourceRecord
  /** What to rebuild, what depends on others after these; in order of their keys within. Empty when the lake never used the file. */
  readonly partitions: readonly AffectedPartition[]
}

/**
 * Which partitions depend on files that the source has replaced: those made of any version of the file but the new one, and
 * whatever was made of these. Pure; one pass over the manifests.
 */
export function findRestatements({ changes, manifests }: RestatementOptions): Restatement[] {
  const restated = [...changes].filter(({ kind, what }) => kind === 'changed' || what.length > 0)
  if (restated.length === 0) return []
  const made = dependents(manifests)
  return restated.map(({ dataset, key, what, before, after }) => {
    const { exchange } = dataset
    return { exchange, key, what, before, after, partitions: madeOfOthers(exchange, key, after.sha256, made) }
  })
}

export interface PartitionsOfOptions {
  readonly exchange: string
  /** The key at the source. */
  readonly key: string
  /** Of its newest bytes; every version counts as replaced when absent. */
  readonly sha256?: string | undefined
  readonly manifests: Iterable<Manifest>
}

/** The partitions that were made, directly or through others, of other bytes of a file than its newest. Pure. */
export function partitionsOfReplaced(options: PartitionsOfOptions): AffectedPartition[] {
  const { exchange, key, sha256, manifests } = options
  return madeOfOthers(exchange, key, sha256, dependents(manifests))
}

function madeOfOthers(
  exchange: string,
  key: string,
  newest: string | undefined,
  made: ReadonlyMap<string, readonly Use[]>,
): AffectedPartition[] {
  const uses = made.get(bronzeArchiveKey(exchange, key)) ?? []
  const direct = uses.filter(({ sha256 }) => newest === undefined || sha256 !== newest)
  return followed(
    direct.map(({ partition }) => partition),
    made,
  )
}

interface Use {
  readonly partition: AffectedPartition
  /** Of the input as it was used. */
  readonly sha256: string
}

/** The partitions that each file was used for, all versions of a bronze file under its first name. */
function dependents(manifests: Iterable<Manifest>): Map<string, Use[]> {
  const made = new Map<string, Use[]>()
  for (const { series, files } of manifests) {
    for (const { label, key, inputs } of files) {
      const partition = { series, label, key }
      for (const input of inputs) {
        const name = originalKey(input.key)
        const uses = made.get(name)
        const use = { partition, sha256: input.sha256 }
        if (uses === undefined) made.set(name, [use])
        else uses.push(use)
      }
    }
  }
  return made
}

function followed(
  direct: readonly AffectedPartition[],
  made: ReadonlyMap<string, readonly Use[]>,
): AffectedPartition[] {
  const found = new Map<string, AffectedPartition>()
  let level = [...direct]
  while (level.length > 0) {
    const fresh = level.filter(({ key }) => !found.has(key)).sort((a, b) => (a.key < b.key ? -1 : 1))
    for (const partition of fresh) found.set(partition.key, partition)
    level = fresh.flatMap(({ key }) => (made.get(key) ?? []).map(({ partition }) => partition))
  }
  return [...found.values()]
}
