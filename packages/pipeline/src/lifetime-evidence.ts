import type { DatasetId, Gap } from '@lake/core'
import type { Manifest } from '@lake/ledger'
import type { Listing } from '@lake/quality'
import type { Lake } from './define-lake.ts'
import { sharedFileOf, sharedSourceOf } from './shared-file.ts'

export interface LifetimeEvidenceOptions {
  readonly lake: Lake
  readonly dataset: DatasetId
  readonly gaps: readonly Gap[]
  /** The manifests of the dataset in silver, in order of time. */
  readonly manifests: readonly Manifest[]
}

/**
 * When an instrument could be traded, where no venue said it: up to the end that its name tells, and from its first row
 * in files of many instruments, which have no row of one that is not listed. `undefined` when neither is known.
 */
export async function lifetimeEvidence(options: LifetimeEvidenceOptions): Promise<readonly Listing[] | undefined> {
  const { lake, dataset } = options
  const to = lake.exchange(dataset.exchange).expiresAt?.(dataset)
  const from = await firstSharedRow(options)
  return from === undefined && to === undefined ? undefined : [{ from: from ?? 0, to }]
}

/** Undefined also where a gap begins before the files that were read: nobody looked there. */
async function firstSharedRow(options: LifetimeEvidenceOptions): Promise<number | undefined> {
  const { lake, dataset, gaps, manifests } = options
  const adapter = lake.exchange(dataset.exchange)
  const first = manifests.flatMap(({ files }) => files).find(({ rows }) => rows > 0)
  if (first?.inputs.every(({ key }) => sharedFileOf(adapter, dataset, key) !== undefined) !== true) return undefined
  const rowless = (await lake.ledger.inventory(dataset)).flatMap(({ sourceKey, fingerprint }) => {
    const period = fingerprint?.ownRows === 0 ? adapter.archive?.parseKey(sourceKey)?.period : undefined
    return period === undefined || sharedSourceOf(adapter, dataset, sourceKey) === undefined ? [] : [period]
  })
  let read = first.span.from
  for (const { from, to } of rowless.sort((a, b) => b.to - a.to)) if (to >= read) read = Math.min(read, from)
  return gaps.every((gap) => gap.from >= read) ? first.first : undefined
}
