import { versionKey } from '@lake/core'
import type { Manifest, ManifestFile } from './manifest.ts'

/** A version of a partition and where its bytes lie. */
export interface FileVersion {
  readonly file: ManifestFile
  /** Its own key, or that of the kept bytes. */
  readonly key: string
  readonly isCurrent: boolean
}

/**
 * The versions of a month's partitions that were the truth at a moment, in order of their labels.
 *
 * Only restatements keep a version: rows that were merely added since are in what is given.
 *
 * @param asOf epoch microseconds UTC, of the clock of the lake that committed
 *
 * @example
 * filesAt(manifest, parseInstant('2024-03-01')) // [{ file, key: '_lake/versions/….parquet', isCurrent: false }]
 */
export function filesAt(manifest: Manifest, asOf: number): FileVersion[] {
  const { files, superseded = [] } = manifest
  const labels = [...new Set([...files, ...superseded].map(({ label }) => label))].sort()
  return labels.flatMap((label): FileVersion[] => {
    const old = superseded
      .filter((file) => file.label === label && file.supersededAt > asOf)
      .reduce<(typeof superseded)[number] | undefined>(
        (first, file) => (first === undefined || file.supersededAt < first.supersededAt ? file : first),
        undefined,
      )
    const file = old ?? files.find((one) => one.label === label)
    if (file === undefined || (file.commit?.since ?? Number.NEGATIVE_INFINITY) > asOf) return []
    return [{ file, key: old === undefined ? file.key : versionKey(file.sha256), isCurrent: old === undefined }]
  })
}
