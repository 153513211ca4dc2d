import { LakeError } from '@lake/core'
import type { ManifestFile } from '@lake/ledger'
import type { MergePolicy, MergeSource } from '@lake/merge'

/** A policy of your own. Its name goes into the manifests, so give another policy another name. */
export interface NamedPolicy {
  readonly name: string
  /** Negative when `a` is believed, positive when `b` is. Pure. */
  readonly compare: (a: MergeSource, b: MergeSource) => number
}

/** Which source is believed where several have a row and differ: see `MergePolicy` of @lake/merge. */
export type LakePolicy = Extract<MergePolicy, string> | NamedPolicy

/** The policies that have a name of their own. */
export const POLICIES = ['archive-first', 'rest-first', 'newest'] as const

/** Where a lake and a manifest say nothing. */
const DEFAULT: LakePolicy = 'archive-first'

/** What the manifest of a silver partition records of its policy. */
export function silverOptions(policy: LakePolicy): { readonly policy: string } {
  return { policy: typeof policy === 'string' ? policy : policy.name }
}

/** The policy as `mergeTables` takes it. */
export function mergePolicy(policy: LakePolicy): MergePolicy {
  return typeof policy === 'string' ? policy : policy.compare
}

/**
 * The policy by which a partition is merged: that of the lake where it has one; else that by which the partition was
 * merged before, so that a heal keeps what a run chose.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when the partition was merged by a policy of somebody's own.
 */
export function policyOf(wanted: LakePolicy | undefined, known: ManifestFile | undefined): LakePolicy {
  if (wanted !== undefined) return wanted
  const name = known?.options['policy']
  if (known === undefined || name === undefined) return DEFAULT
  const policy = POLICIES.find((one) => one === name)
  if (policy !== undefined) return policy
  throw new LakeError(
    'BAD_REQUEST',
    `${known.key} was merged by the policy '${String(name)}', which this lake does not know. Nothing was changed. Define the lake with that policy, or name another one.`,
    { details: { key: known.key, policy: name } },
  )
}
