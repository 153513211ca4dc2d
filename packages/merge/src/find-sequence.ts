import type { RowKeys } from './row-keys.ts'
import { int64Order, isAscending, isStrictlyAscending } from './sort-rows.ts'
import { integerAt } from './value-at.ts'

/**
 * The parts that have rows in such an order that all their rows are sorted and none is there twice; `undefined` when
 * there is no such order.
 */
export function findSequence<P extends RowKeys>(parts: readonly P[]): P[] | undefined {
  const filled = parts.filter(({ keys }) => keys.length > 0)
  if (!filled.every(isSorted)) return undefined
  filled.sort((a, b) => (firstOf(a.keys) < firstOf(b.keys) ? -1 : 1))
  const follow = filled.every((part, index) => {
    const before = filled[index - 1]
    return before === undefined || follows(before, part)
  })
  return follow ? filled : undefined
}

function isSorted({ keys, times }: RowKeys): boolean {
  return isStrictlyAscending(int64Order(keys)) && (times === undefined || isAscending(int64Order(times)))
}

function follows(before: RowKeys, after: RowKeys): boolean {
  if (lastOf(before.keys) >= firstOf(after.keys)) return false
  return before.times === undefined || after.times === undefined || lastOf(before.times) <= firstOf(after.times)
}

function firstOf(values: BigInt64Array): bigint {
  return integerAt(values, 0)
}

function lastOf(values: BigInt64Array): bigint {
  return integerAt(values, values.length - 1)
}
