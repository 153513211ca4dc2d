import { sha256Of } from '@lake/ledger'
import { emptyStretches } from './added-stretches.ts'
import { compareRowTimes, type VersionComparison } from './compare-row-times.ts'
import type { CompareVersionsOptions } from './compare-versions.ts'
import { knownBytes } from './known-bytes.ts'
import { readTimes } from './read-times.ts'

/**
 * Which rows a version adds to those of the one before, where none can have changed. Reads times only. Where times
 * cannot tell rows apart, the version before is kept as if it were restated, so that it can be read as it was.
 */
export async function compareTimes({
  store,
  known,
  bytes,
  signal,
}: Pick<CompareVersionsOptions, 'store' | 'known' | 'signal'> & {
  readonly bytes: Uint8Array
}): Promise<VersionComparison> {
  if (known.sha256 === sha256Of(bytes)) return { restates: false }
  const old = await knownBytes(store, known, signal)
  if (old === undefined) return { restates: false, added: emptyStretches(known) }
  return compareRowTimes(await readTimes(old, known.key, signal), await readTimes(bytes, known.key, signal))
}
