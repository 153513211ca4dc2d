import {
  type DatasetId,
  LakeError,
  manifestPrefix,
  type ObjectStore,
  parsePartitionKey,
  parsePeriod,
  rangesOverlap,
  readObject,
  restatementKey,
  silverSeries,
  type TimeRange,
} from '@lake/core'
import type { Lake } from './define-lake.ts'
import type { RestatedPartition } from './restated-partition.ts'
import { restatedPartition } from './restatement-schema.ts'
import { requestedDatasets } from './run-request.ts'

/** Which restatements to list. */
export interface RestatementsRequest {
  /** All of the lake when absent; of a dataset also those of the gold of its symbol. */
  readonly datasets?: readonly (DatasetId | string)[] | undefined
  /** The partitions that touch it; closed-open. */
  readonly range?: TimeRange | undefined
}

/** A version of a partition that was replaced by one with other rows. Times are epoch microseconds UTC. */
export interface ListedRestatement {
  /** The partition's key. */
  readonly key: string
  /** The sha256 of both versions; the one before lies under `_lake/versions/`. */
  readonly before: string
  readonly after: string
  readonly supersededAt: number
  /** When the version before was committed, and by which run; absent when nobody knows. */
  readonly committedAt?: number | undefined
  /** The rows that differ; `undefined` when the old rows could not be compared with the new ones. */
  readonly report: RestatedPartition | undefined
}

/**
 * What was restated in a lake: each version of a silver or gold partition that is kept, and the rows in which the one
 * after it differs, in order of time. The manifests say what happened; a report that no manifest speaks of, as a crash
 * may leave it, is not told.
 *
 * @throws {@link LakeError} `BAD_REQUEST` for a malformed request, `CORRUPT_LAKE` when a report cannot be read.
 *
 * @example
 * for (const { key, report } of await listRestatements(lake)) console.log(key, report?.diff.changed)
 */
export async function listRestatements(
  lake: Lake,
  request: RestatementsRequest = {},
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<readonly ListedRestatement[]> {
  const { datasets, range } = request
  const wanted = datasets === undefined ? undefined : requestedDatasets({ datasets })
  const found: ListedRestatement[] = []
  for await (const { series, superseded = [] } of lake.ledger.manifests({ signal })) {
    if (wanted !== undefined && !wanted.some((dataset) => isAbout(dataset, manifestPrefix(series)))) continue
    for (const { key, label, sha256: before, supersededBy: after, supersededAt, commit } of superseded) {
      if (range !== undefined && !rangesOverlap(parsePeriod(label), range)) continue
      const report = await readReport(lake.store, restatementKey({ series, label, before, after }))
      const committed = commit === undefined ? {} : { committedAt: commit.at }
      found.push({ key, before, after, supersededAt, ...committed, report })
    }
  }
  return found.sort((a, b) => a.supersededAt - b.supersededAt || layerOf(a.key) - layerOf(b.key))
}

/** A series is a dataset's own, or gold of its symbol. */
function isAbout(dataset: DatasetId, prefix: string): boolean {
  const own = silverSeries(dataset)
  const gold = ['bars', 'funding'] as const
  const ofSymbol = gold.map((table) => manifestPrefix({ ...own, layer: 'gold', table, interval: undefined }))
  return prefix === manifestPrefix(own) || ofSymbol.some((folder) => prefix.startsWith(folder))
}

/** Silver first: gold follows from it. */
function layerOf(key: string): number {
  return parsePartitionKey(key)?.series.layer === 'gold' ? 1 : 0
}

async function readReport(store: ObjectStore, key: string): Promise<RestatedPartition | undefined> {
  let bytes: Uint8Array
  try {
    bytes = await readObject(store, key)
  } catch (error) {
    if (LakeError.is(error) && error.code === 'NOT_FOUND') return undefined
    throw error
  }
  try {
    return restatedPartition.parse(JSON.parse(new TextDecoder().decode(bytes)))
  } catch (cause) {
    const message = `The restatement ${key} cannot be read. Nothing needs it: delete it, and only its rows are no longer told.`
    throw new LakeError('CORRUPT_LAKE', message, { cause, details: { key } })
  }
}
