import { LakeError, rangesOverlap } from '@lake/core'
import type { PlannedFile, TransferredFile } from '@lake/ingest-s5cmd'
import type { InventoryFile, Manifest } from '@lake/ledger'
import { buildSilverMonth, type BuiltMonth, type SilverMonthOptions } from './build-silver-month.ts'
import { discardUnused } from './discard-unused.ts'
import type { HeldFile } from './held-file.ts'
import type { DatasetPlan, MonthPlan } from './plan-run.ts'
import type { RefusedFile } from './refused-file.ts'
import { openRefusedFiles } from './refused-files.ts'
import { retryConflicts } from './retry-conflicts.ts'
import { transferMonth } from './transfer-month.ts'
import { withHealed } from './with-healed.ts'

export interface FillFromDaysOptions {
  readonly plan: DatasetPlan
  readonly month: MonthPlan
  /** How the month was built, and what came of it. */
  readonly build: SilverMonthOptions
  readonly built: BuiltMonth
  /** What the lake holds already, by source key. */
  readonly inventory: ReadonlyMap<string, InventoryFile>
}

/** A month after its holes were looked for in the files of its days. */
export interface FilledMonth {
  readonly built: BuiltMonth
  /** The files of days that lie in bronze for it now. */
  readonly landed: readonly TransferredFile[]
  /** Files of days that are not what they should be, and were left out. */
  readonly refused: readonly RefusedFile[]
  /** Why the holes are still there, though the archive has files of their days. The month stays as it was. */
  readonly error?: LakeError | undefined
}

/**
 * Fills the holes of a month that was made of its monthly file with what the archive has in the files of the days: some
 * monthly files lack days that the daily ones have. Each file is taken once; what it lacks too stays a gap.
 */
export async function fillFromDays({
  plan,
  month,
  build,
  built,
  inventory,
}: FillFromDaysOptions): Promise<FilledMonth> {
  const files = daysOfHoles(month.days, built.manifest)
  if (files.length === 0) return { built, landed: [], refused: [] }
  const { lake, dataset, signal } = build
  const days = { ...month, files, reaching: [] }
  const arrival = await transferMonth({ lake, plan, month: days, inventory, onFile: () => undefined, signal })
  const { landed } = arrival
  try {
    if (arrival.error !== undefined) throw arrival.error
    const refused = openRefusedFiles(landed, arrival.refused)
    const periods = new Map(files.map((file) => [file.key, file.period]))
    const archives = landed.flatMap(({ key, sourceKey, sha256, verified }): HeldFile[] => {
      const period = periods.get(sourceKey)
      return period === undefined ? [] : [{ source: 'archive', key, sha256, period, verified }]
    })
    const again = { ...build, files: [...build.files, ...archives], sentinel: undefined, onRefused: refused.add }
    const filled = await retryConflicts(() => buildSilverMonth(again))
    return { built: withHealed([built], [filled])[0] ?? built, landed, refused: refused.all() }
  } catch (failure) {
    if (!LakeError.is(failure)) throw failure
    await discardUnused(lake, dataset, month.month, landed, failure)
    return { built, landed: [], refused: [], error: failure }
  }
}

/** The files of days with missing rows that no partition is made of yet. */
function daysOfHoles(days: readonly PlannedFile[], manifest: Manifest | undefined): PlannedFile[] {
  const files = manifest?.files ?? []
  const gaps = files.flatMap((file) => file.gaps ?? [])
  const held = files.flatMap(({ inputs }) => inputs.map(({ key }) => key))
  return days.filter(
    ({ key, period }) => gaps.some((gap) => rangesOverlap(gap, period)) && !held.some((one) => one.endsWith(`/${key}`)),
  )
}
