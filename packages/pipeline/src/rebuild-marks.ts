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
import { manifestsMadeOf } from './manifests-made-of.ts'

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
  const restatements = findRestatements({ changes: restated, manifests: await manifestsMadeOf(lake, first.dataset) })
  const replaced = restatements.map(({ key, after: { label, sha256 }, partitions }) => ({
    key,
    label,
    sha256,
    partitions,
  }))
  await markReplaced(lake, first.dataset, replaced, now)
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
  const manifests = await manifestsMadeOf(lake, dataset)
  const replaced = restated.map(({ file: { key, period }, sha256 }) => {
    const partitions = partitionsOfReplaced({ exchange: dataset.exchange, key, sha256, manifests })
    return { key, label: period.label, sha256, partitions }
  })
  await markReplaced(lake, dataset, replaced, now)
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
  const manifests = await manifestsMadeOf(lake, dataset)
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

/** A file that its source replaced, and what was made of it. */
interface Replaced {
  readonly key: string
  readonly label: string
  readonly sha256?: string | undefined
  readonly partitions: Restatement['partitions']
}

/** Marks partitions in the dataset of their own instrument: of a file of many instruments there are those of several. */
async function markReplaced(lake: Lake, dataset: DatasetId, replaced: readonly Replaced[], now: number): Promise<void> {
  const series = replaced.flatMap(({ partitions }) => partitions.map((partition) => partition.series))
  const instruments = new Map(series.map(({ market, symbol }) => [`${market}/${symbol}`, { market, symbol }]))
  for (const { market, symbol } of instruments.values()) {
    const marks = replaced.map(({ key, label, sha256, partitions }) => {
      const own = partitions.filter((one) => one.series.market === market && one.series.symbol === symbol)
      return markOf(key, label, sha256, own, now)
    })
    await addMarks(lake, { ...dataset, market, symbol }, marks)
  }
}
