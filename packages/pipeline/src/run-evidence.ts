import { type DatasetId, type ObjectStore, parsePeriod, rangesOverlap, type TimeRange } from '@lake/core'
import { type Manifest, type ManifestFile, readFailedMonths, type Refusal } from '@lake/ledger'
import type { RunEvidence } from '@lake/quality'

export interface RunEvidenceOptions {
  readonly store: ObjectStore
  readonly dataset: DatasetId
  /** The manifests of the dataset. */
  readonly manifests: readonly Manifest[]
  /** What sources refused, as far as that still stands. */
  readonly refusals: readonly Refusal[]
}

/**
 * What own runs met with: months that failed, partitions that were computed and not published, and what venues refused.
 * A failure says nothing of the time that published partitions cover.
 */
export async function runEvidence({
  store,
  dataset,
  manifests,
  refusals,
}: RunEvidenceOptions): Promise<readonly RunEvidence[]> {
  const files = manifests.flatMap((manifest) => manifest.files)
  const failed = (await readFailedMonths(store, dataset)).map(({ month, code, message, failedAt: at }) => ({
    ...{ label: month, at, reason: `${code}: ${message}` },
  }))
  const blocked = manifests.flatMap((manifest) =>
    (manifest.blocked ?? []).map(({ label, reason, blockedAt: at }) => ({
      label,
      at,
      reason: `not published: ${reason}`,
    })),
  )
  const failures = [...failed, ...blocked].flatMap(({ label, at, reason }) =>
    withoutSpans(parsePeriod(label), files).map(({ from, to }): RunEvidence => ({
      from,
      to,
      at,
      source: 'archive',
      outcome: 'failed',
      reason,
    })),
  )
  return [...failures, ...refusals.map(refusalEvidence)]
}

function refusalEvidence({ from, to, askedAt: at }: Refusal): RunEvidence {
  return { from, to, at, source: 'rest', outcome: 'refused', reason: 'it has no such rows' }
}

/** What published partitions leave of a period. */
function withoutSpans({ from, to }: TimeRange, files: readonly ManifestFile[]): TimeRange[] {
  const left: TimeRange[] = []
  let reached = from
  for (const { span } of files) {
    if (!rangesOverlap(span, { from, to })) continue
    if (span.from > reached) left.push({ from: reached, to: span.from })
    reached = Math.max(reached, span.to)
  }
  if (reached < to) left.push({ from: reached, to })
  return left
}
