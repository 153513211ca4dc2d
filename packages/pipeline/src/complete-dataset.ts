import { formatDatasetId, type Interval } from '@lake/core'
import { buildGold } from './build-gold.ts'
import type { BroughtIn } from './bring-in-dataset.ts'
import { reportDataset } from './dataset-report.ts'
import type { Lake } from './define-lake.ts'
import type { HealedDataset } from './heal-dataset.ts'
import { settlePendingGold } from './pending-gold.ts'
import { settleRebuilds } from './rebuild-marks.ts'
import type { RunOptions } from './run-options.ts'
import type { RunFailure } from './run-failure.ts'
import type { DatasetReport } from './run-report.ts'
import { withHealed } from './with-healed.ts'

/** What a run did to one dataset, and the gold that it could not make. */
export interface DatasetOutcome {
  readonly report: DatasetReport
  readonly failures: readonly RunFailure[]
}

export interface CompleteDatasetOptions extends RunOptions {
  readonly lake: Lake
  /** The intervals of gold. */
  readonly gold: readonly Interval[]
  /** What healing did to it; absent when it was not asked to. */
  readonly healed?: HealedDataset | undefined
}

/** Makes the gold of a dataset, when all of its silver is there, since a bar may reach into the next month; and tells. */
export async function completeDataset(
  { plan, built, transferred, changes, passedOver }: BroughtIn,
  { lake, gold: intervals, healed, signal, onProgress }: CompleteDatasetOptions,
): Promise<DatasetOutcome> {
  const { dataset } = plan
  const id = formatDatasetId(dataset)
  const silver = withHealed(built, healed?.built ?? [])
  const gold = await buildGold({
    ...{ lake, scope: plan, built: silver, intervals, signal },
    tell: (progress) => onProgress?.({ id, ...progress }),
  })
  const noted = (healed?.built ?? []).flatMap(({ manifest }) => manifest?.month ?? [])
  if (gold.failures.length === 0) await settlePendingGold(lake, dataset, noted)
  const report = reportDataset({ scope: plan, transferred, built: silver, gold, healed, changes, passedOver })
  await settleRebuilds(lake, dataset, new Map(transferred.map((file) => [file.sourceKey, file.sha256])), signal)
  return { report, failures: gold.failures }
}
