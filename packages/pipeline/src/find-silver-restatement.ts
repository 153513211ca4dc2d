import { type DatasetId, silverSeries } from '@lake/core'
import { type ManifestFile, type ManifestInput, sha256Of } from '@lake/ledger'
import type { Lake } from './define-lake.ts'
import type { SilverFile } from './encode-silver.ts'
import type { VersionComparison } from './compare-row-times.ts'

export interface SilverRestatementOptions {
  readonly lake: Lake
  readonly dataset: DatasetId
  /** The partition as its manifest knows it; `undefined` when it is new. */
  readonly known: ManifestFile | undefined
  /** The partition as it was computed now. */
  readonly made: Pick<SilverFile, 'bytes' | 'counts'> & Pick<ManifestFile, 'inputs' | 'options'>
  readonly signal?: AbortSignal | undefined
}

/**
 * What a silver partition that was computed anew changes of its earlier rows. The rows are only looked at where they
 * may differ: an input is gone, as when a file is restated; inputs contradict each other; or another policy decides.
 */
export async function findSilverRestatement(options: SilverRestatementOptions): Promise<VersionComparison> {
  const { lake, dataset, known, made, signal } = options
  if (known === undefined) return { restates: false }
  if (!mayRestate(known, made)) {
    const { compareTimes } = await import('./compare-times.ts')
    return compareTimes({ store: lake.store, known, bytes: made.bytes, signal })
  }
  const [{ readSilverTable }, { compareVersions }] = await Promise.all([
    import('./read-silver-table.ts'),
    import('./compare-versions.ts'),
  ])
  const table = await readSilverTable(made.bytes, { dataType: dataset.dataType, options: made.options, signal })
  return compareVersions({
    store: lake.store,
    series: silverSeries(dataset),
    dataType: dataset.dataType,
    known,
    table,
    sha256: sha256Of(made.bytes),
    inputs: made.inputs,
    signal,
  })
}

function mayRestate(known: ManifestFile, { counts, inputs, options }: SilverRestatementOptions['made']): boolean {
  if (known.options['policy'] !== options['policy']) return true
  if (Object.keys(counts).some((name) => name.startsWith('conflicting_'))) return true
  return isAnyGone(known.inputs, inputs)
}

function isAnyGone(before: readonly ManifestInput[], after: readonly ManifestInput[]): boolean {
  const kept = new Set(after.map(({ sha256 }) => sha256))
  return before.some(({ sha256 }) => !kept.has(sha256))
}
