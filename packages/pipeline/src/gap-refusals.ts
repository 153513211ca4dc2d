import { canonicalJson, rangesOverlap, type TimeRange } from '@lake/core'
import { type ManifestFile, type Refusal, sha256Of } from '@lake/ledger'

/** The refusals whose evidence is still what it was: the others are worth asking again. */
export function standingRefusals(refusals: readonly Refusal[], files: readonly ManifestFile[]): Refusal[] {
  return refusals.filter((one) => one.evidence === evidenceOf(one, files))
}

/** That a venue has no rows of a stretch. */
export function refusalOf(gap: TimeRange, files: readonly ManifestFile[], askedAt: number): Refusal {
  const { from, to } = gap
  return { source: 'rest', from, to, evidence: evidenceOf(gap, files), askedAt }
}

/** What an answer rests on: the archive's files of the time around. Pages are not part of it: they are the answers. */
function evidenceOf(gap: TimeRange, files: readonly ManifestFile[]): string {
  const inputs = files
    .filter(({ span }) => rangesOverlap(span, gap))
    .flatMap((file) => file.inputs.filter(({ key }) => !key.endsWith('.page')).map(({ sha256 }) => sha256))
  return sha256Of(canonicalJson(inputs.sort())).slice(0, 16)
}
