import type { DatasetId } from '@lake/core'
import { type InventoryFile, readSourceRecords, type SourceRecord } from '@lake/ledger'
import type { Lake } from './define-lake.ts'
import type { DatasetPlan } from './plan-run.ts'

/** A file of a day that its source replaced, and that was not taken, since the file of its month stands. */
export interface PassedOverFile {
  /** The key at the source. */
  readonly key: string
  /** `YYYY-MM-DD` */
  readonly day: string
}

/** A file as a listing of its source has it. */
interface ListedFile {
  readonly key: string
  /** `2024-01` or `2024-01-31`. */
  readonly label: string
  /** Empty or absent when the source does not say. */
  readonly etag?: string | undefined
}

interface PassedOverOptions {
  /** What the source has of the dataset, days and months. */
  readonly listed: readonly ListedFile[]
  /** What the lake was made of, by source key. */
  readonly inventory: ReadonlyMap<string, InventoryFile>
  /** What earlier looks at the source have found. */
  readonly records: readonly SourceRecord[]
}

/**
 * The files of days that were replaced at their source while the lake holds the file of their month: a run takes the
 * month, so that nobody would hear of it. Replaced is a file whose etag is no more the one under which it was taken or
 * seen, and one that was found to differ after the file of its month was.
 */
function passedOver({ listed, inventory, records }: PassedOverOptions): PassedOverFile[] {
  const known = new Map(records.map((record) => [record.key, record]))
  const months = new Map(listed.flatMap((file) => (file.label.length === 7 ? [[file.label, file.key] as const] : [])))
  return listed.flatMap(({ key, label, etag = '' }): PassedOverFile[] => {
    const month = months.get(label.slice(0, 7))
    if (label.length === 7 || month === undefined || !inventory.has(month)) return []
    const record = known.get(key)
    const taken = inventory.get(key)?.sourceEtag ?? record?.etag ?? ''
    const isOther = etag !== '' && taken !== '' && etag !== taken
    const isLater =
      record !== undefined &&
      record.changedAt > Math.max(record.firstSeen, known.get(month)?.changedAt ?? record.changedAt)
    const isCompared = inventory.get(key)?.sourceEtag === etag
    return isOther || (isLater && !isCompared) ? [{ key, day: label }] : []
  })
}

/** The same of a plan, without what the run took all the same to fill holes. */
export async function plannedPassedOver(
  { store }: Lake,
  { dataset, months }: DatasetPlan,
  { inventory, transferred }: PlannedPassedOverOptions,
): Promise<PassedOverFile[]> {
  const days = months.flatMap((month) => month.days)
  if (days.length === 0) return []
  const listed = [...months.flatMap(({ files }) => files), ...days].map(({ key, period: { label }, etag }) => ({
    ...{ key, label, etag },
  }))
  const replaced = passedOver({ listed, inventory, records: await readSourceRecords(store, dataset) })
  const taken = new Set(transferred.map(({ sourceKey }) => sourceKey))
  return replaced.filter(({ key }) => !taken.has(key))
}

interface PlannedPassedOverOptions extends Pick<PassedOverOptions, 'inventory'> {
  readonly transferred: readonly { readonly sourceKey: string }[]
}

/**
 * The same of what the last look at the source has found, as `lake discover` does; the source is not asked.
 *
 * @throws LakeError `CORRUPT_LAKE` when the inventory of the dataset cannot be read.
 */
export async function heldPassedOver({ store, ledger }: Lake, dataset: DatasetId): Promise<PassedOverFile[]> {
  const records = (await readSourceRecords(store, dataset)).filter(({ vanishedAt }) => vanishedAt === undefined)
  if (!records.some(({ firstSeen, changedAt }) => changedAt > firstSeen)) return []
  const inventory = new Map((await ledger.inventory(dataset)).map((file) => [file.sourceKey, file]))
  return passedOver({ listed: records, inventory, records })
}
