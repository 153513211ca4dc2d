import type { RowSource } from '@lake/core'
import type { MergePolicy, MergeSource } from './merge-source.ts'

const ARCHIVE_FIRST: Readonly<Record<RowSource, number>> = { archive: 0, rest: 1, ws: 2, filled: 3 }
const REST_FIRST: Readonly<Record<RowSource, number>> = { rest: 0, archive: 1, ws: 2, filled: 3 }

/** The inputs from the least to the most believed; the order in which they are given has no influence. */
export function rankInputs<S extends MergeSource>(inputs: readonly S[], policy: MergePolicy): S[] {
  const prefer = comparatorOf(policy)
  return [...inputs]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .sort((a, b) => -(prefer(a, b) || laterFirst(a, b) || ARCHIVE_FIRST[a.source] - ARCHIVE_FIRST[b.source]))
}

function comparatorOf(policy: MergePolicy): (a: MergeSource, b: MergeSource) => number {
  switch (policy) {
    case 'archive-first':
      return (a, b) => ARCHIVE_FIRST[a.source] - ARCHIVE_FIRST[b.source]
    case 'rest-first':
      return (a, b) => REST_FIRST[a.source] - REST_FIRST[b.source]
    case 'newest':
      return laterFirst
    default:
      return policy
  }
}

function laterFirst(a: MergeSource, b: MergeSource): number {
  const [timeA, timeB] = [a.receivedAt ?? Number.NEGATIVE_INFINITY, b.receivedAt ?? Number.NEGATIVE_INFINITY]
  if (timeA === timeB) return 0
  return timeA > timeB ? -1 : 1
}
