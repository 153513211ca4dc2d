import type { Series, TimeRange } from '@lake/core'
import { fingerprintOf, type ManifestFile, type PlainValue, sha256Of } from '@lake/ledger'
import type { Table } from 'apache-arrow'
import type { Lake } from './define-lake.ts'
import type { GoldFile } from './encode-gold.ts'
import type { RestatedPartition } from './restated-partition.ts'

/** A gold partition before it is computed. */
export interface GoldPartition {
  readonly series: Series
  /** `YYYY-MM` */
  readonly month: string
  /** The silver partitions that it is made of. */
  readonly inputs: readonly ManifestFile[]
  readonly span: TimeRange
  readonly revision: number
  readonly options: Readonly<Record<string, PlainValue>>
  readonly metadata: Readonly<Record<string, string>>
}

export interface CommitGoldOptions {
  readonly compute: () => Promise<Table>
  /** What computing would give, when that is known. Of use where there is nothing yet to compare its rows with. */
  readonly ahead?: GoldFile | undefined
  readonly signal?: AbortSignal | undefined
}

/** What became of it. */
export interface GoldOutcome {
  readonly rows: number
  readonly written: boolean
  /** Bars that are no more what they were; absent when there is none. */
  readonly restated?: RestatedPartition | undefined
}

/**
 * Brings one gold partition up to date: when its fingerprint stands nothing is read and nothing computed. One that
 * would hold no finished bar is not written.
 */
export async function commitGold(
  lake: Lake,
  partition: GoldPartition,
  { compute, ahead, signal }: CommitGoldOptions,
): Promise<GoldOutcome> {
  const { series, month, span, revision, options, metadata } = partition
  const stored = await lake.ledger.manifest(series, month)
  const known = stored?.manifest.files.find((file) => file.label === month)
  const inputs = partition.inputs.map(({ key, sha256 }) => ({ key, sha256 }))
  const fingerprint = fingerprintOf({ inputs: inputs.map((input) => input.sha256), revision, options })
  if (known?.fingerprint === fingerprint && (await lake.store.head(known.key, { signal }))?.etag === known.etag) {
    return { rows: known.rows, written: false }
  }
  const commit = { series, label: month, base: stored, span, inputs, revision, options, signal }
  if (known === undefined && ahead !== undefined) {
    await lake.ledger.commitPartition({ ...commit, ...ahead })
    return { rows: ahead.rows, written: true }
  }
  const table = await compute()
  signal?.throwIfAborted()
  const { encodeGold } = await import('./encode-gold.ts')
  const file = encodeGold(table, series, metadata)
  if (file === undefined) return { rows: 0, written: false }
  const made = {
    store: lake.store,
    series,
    dataType: 'klines',
    table,
    sha256: sha256Of(file.bytes),
    inputs,
    signal,
  } as const
  const comparison = known && (await (await import('./compare-versions.ts')).compareVersions({ ...made, known }))
  await lake.ledger.commitPartition({
    ...{ ...commit, ...file },
    restates: comparison?.restates,
    added: comparison?.added,
  })
  return { rows: file.rows, written: true, restated: comparison?.restated }
}
