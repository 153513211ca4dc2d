import { formatInstant } from '@lake/core'
import type { RestatedPartition } from '@lake/pipeline'

/** A restated partition in JSON: its times are ISO 8601. */
export function jsonRestated({ diff, ...restated }: RestatedPartition): Record<string, unknown> {
  const { first, range, ...counts } = diff
  return {
    ...restated,
    diff: {
      ...counts,
      first: first.map((row) => ({ ...row, time: formatInstant(row.time) })),
      ...(range === undefined ? {} : { range: { from: formatInstant(range.from), to: formatInstant(range.to) } }),
    },
  }
}

/** The same of all that a command tells of a dataset. */
export function withJsonRestated<D extends { readonly restated?: readonly RestatedPartition[] | undefined }>(
  dataset: D,
): Omit<D, 'restated'> & { readonly restated?: readonly Record<string, unknown>[] } {
  const { restated, ...told } = dataset
  return restated === undefined ? told : { ...told, restated: restated.map(jsonRestated) }
}
