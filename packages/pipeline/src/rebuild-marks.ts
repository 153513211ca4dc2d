import { bronzeArchiveKey, type DatasetId } from '@lake/core'
import {
  type ArchiveChange,
  findRestatements,
  type MovedFile,
  originalKey,
  partitionsOfReplaced,
  type Restatement,
} from '@lake/ingest-s5cmd'
import { type Manifest, readRebuildMarks, type RebuildMark, updateRebuildMarks } from '@lake/ledger'
import type { Lake } from './define-lake.ts'

/**
 * Marks the partitions that were made of files which the source has replaced since, and tells them. The changes are of
 * one dataset. Doing it again changes nothing.
 */
export async function markRestatements(
  lake: Lake,
  changes: readonly ArchiveChange[],
  now: number,
): Promise<Restatement[]> {
  const restated = changes.filter(({ kind, what }) => kind === 'changed' || what.length > 0)
  const [first] = restated
  if (first === undefined) return []
  const restatements = findRestatements({ changes: restated, manifests: await manifestsOf(lake, first.dataset) })
  const marks = restatements.map(({ key, after, partitions }) =>
    markOf(key, after.label, after.sha256, partitions, now),
  )
  await addMarks(lake, first.dataset, marks)
  return restatements
}

/** The same for files whose newer version was taken into bronze. */
export async function markMoved(
  lake: Lake,
  dataset: DatasetId,
  moved: readonly MovedFile[],
  now: number,
): Promise<void> {
  const restated = moved.filter((file) => file.restated)
  if (restated.length === 0) return
  const manifests = await manifestsOf(lake, dataset)
  const marks = restated.map(({ file: { key, period }, sha256 }) => {
    const partitions = partitionsOfReplaced({ exchange: dataset.exchange, key, sha256, manifests })
    return markOf(key, period.label, sha256, partitions, now)
  })
  await addMarks(lake, dataset, marks)
}

/**
 * Takes away the marks of a dataset whose partitions are made of the newest bytes by now.
 *
 * @param landed the sha256 of the newest bytes of files, by source key
 */
export async function settleRebuilds(
  lake: Lake,
  dataset: DatasetId,
  landed: ReadonlyMap<string, string>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { store } = lake
  const marks = await readRebuildMarks(store, dataset, { signal })
  if (marks.length === 0) return
  const manifests = await manifestsOf(lake, dataset)
  const settled = new Map(
    marks.map((mark) => [mark.sourceKey, stillStale(dataset, mark, landed.get(mark.sourceKey), manifests)]),
  )
  await updateRebuildMarks(
    store,
    dataset,
    (current) =>
      current.flatMap((mark) => {
        // A mark that came in between is about something that this run has not seen.
        const seen = marks.find(({ sourceKey }) => sourceKey === mark.sourceKey)
        if (seen === undefined || seen.markedAt !== mark.markedAt) return [mark]
        const partitions = settled.get(mark.sourceKey) ?? []
        return partitions.length === 0 ? [] : [{ ...mark, partitions }]
      }),
    { signal },
  )
}

/** The partitions of a mark that are made of other bytes than the newest, or of partitions that have changed since. */
function stillStale(
  dataset: DatasetId,
  { sourceKey, sha256, partitions }: RebuildMark,
  landed: string | undefined,
  manifests: readonly Manifest[],
): string[] {
  const files = new Map(manifests.flatMap((manifest) => manifest.files.map((file) => [file.key, file])))
  const bronzeKey = bronzeArchiveKey(dataset.exchange, sourceKey)
  const newest = landed ?? sha256
  const isStale = (key: string): boolean =>
    (files.get(key)?.inputs ?? []).some((input) => {
      if (originalKey(input.key) === bronzeKey) return newest === undefined || input.sha256 !== newest
      const made = files.get(input.key)
      return made !== undefined && (made.sha256 !== input.sha256 || isStale(input.key))
    })
  return partitions.filter(isStale)
}

function markOf(
  sourceKey: string,
  label: string,
  sha256: string | undefined,
  partitions: Restatement['partitions'],
  markedAt: number,
): RebuildMark {
  const keys = partitions.map(({ key }) => key).sort()
  return { sourceKey, label, partitions: keys, markedAt, ...(sha256 === undefined ? {} : { sha256 }) }
}

async function addMarks(lake: Lake, dataset: DatasetId, given: readonly RebuildMark[]): Promise<void> {
  // What the lake never made anything of needs no mark: the next run takes the new bytes as it takes any.
  const marks = given.filter(({ partitions }) => partitions.length > 0)
  if (marks.length === 0) return
  await updateRebuildMarks(lake.store, dataset, (current) => {
    const bySource = new Map(current.map((mark) => [mark.sourceKey, mark]))
    for (const mark of marks) {
      const known = bySource.get(mark.sourceKey)
      const isKnown = known?.sha256 === mark.sha256 && String(known?.partitions) === String(mark.partitions)
      if (!isKnown) bySource.set(mark.sourceKey, mark)
    }
    return [...bySource.values()]
  })
}

/** The manifests of all tables that can be made of a dataset: those of its symbol. */
async function manifestsOf(lake: Lake, { exchange, market, symbol }: DatasetId): Promise<Manifest[]> {
  const manifests: Manifest[] = []
  const place = `${exchange}/${market}/${encodeURIComponent(symbol)}/`
  for await (const { key: table } of lake.store.list({ prefix: MANIFESTS, delimiter: '/' })) {
    for await (const manifest of lake.ledger.manifests({ prefix: `${table}${place}` })) manifests.push(manifest)
  }
  return manifests
}

const MANIFESTS = '_lake/manifests/'
