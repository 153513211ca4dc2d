import { canonicalJson } from '@lake/core'
import { sha256Of } from './sha256.ts'

/** What a partition is made of: equal inputs give equal bytes, so an unchanged fingerprint means nothing to do. */
export interface FingerprintParts {
  /** The sha256 of each input; the order does not matter. */
  readonly inputs: readonly string[]
  /** The revision of the step's code: raised whenever the same inputs give other bytes. */
  readonly revision: number
  /** Whatever else changes the result. Plain JSON. */
  readonly options: Readonly<Record<string, unknown>>
}

/**
 * The identity of a partition's content before it is computed: 64 hex digits.
 *
 * @example
 * fingerprintOf({ inputs: [sha256], revision: 1, options: {} })
 */
export function fingerprintOf({ inputs, revision, options }: FingerprintParts): string {
  return sha256Of(canonicalJson({ inputs: [...inputs].sort(), revision, options }))
}
