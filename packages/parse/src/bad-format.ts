import { LakeError } from '@lake/core'

/** A `BAD_REQUEST` for a description of a format that cannot be. */
export function badFormat(formatId: string, why: string): LakeError {
  return new LakeError('BAD_REQUEST', `Format ${formatId} ${why}.`, { details: { format: formatId } })
}
