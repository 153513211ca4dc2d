import { type DatasetId, parsePeriod, rangesOverlap, type TimeRange } from '@lake/core'
import type { Manifest, ManifestFile, Refusal } from '@lake/ledger'
import type { RunEvidence } from '@lake/quality'
import type { Lake } from './define-lake.ts'
import { standingFailures } from './standing-failures.ts'

export interface RunEvidenceOptions {
  readonly lake: Lake
  readonly dataset: DatasetId
  /** The manifests of the dataset. */
  readonly manifests: readonly Manifest[]
  /** What sources refused, as far as that still stands. */
  readonly refusals: readonly Refusal[]
}

/**
 * What own runs met with: months that failed, files that were refused, partitions that were computed and not published,
 * and what venues refused. A failure says nothing of the time that published partitions cover; a refused file does,
 * since they were made without it.
 */
export async function runEvidence({
  lake,
  dataset,
  manifests,
  refusals,
}: RunEvidenceOptions): Promise<readonly RunEvidence[]> {
  const files = manifests.flatMap((manifest) => manifest.files)
  const failed = await standingFailures(lake, dataset, files)
  const blocked = manifests.flatMap((manifest) =>
    (manifest.blocked ?? []).map(({ label, reason, blockedAt: at }) => ({
      label,
      at,
      reason: `not published: ${reason}`,
    })),
  )
  const failures = [
    ...failed.flatMap(({ file, period, code, message, failedAt }) =>
      (file === undefined ? withoutSpans(period, files) : [period]).map((range) =>
        failureEvidence(range, failedAt, `${code}: ${message}`),
      ),
    ),
    ...blocked.flatMap(({ label, at, reason }) =>
      withoutSpans(parsePeriod(label), files).map((range) => failureEvidence(range, at, reason)),
    ),
  ]
  return [...failures, ...refusals.map(refusalEvidence)]
}

function failureEvidence({ from, to }: TimeRange, at: number, reason: string): RunEvidence {
  return { from, to, at, source: 'archive', outcome: 'failed', reason }
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
