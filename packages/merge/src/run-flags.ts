import { type RunColumn, SHORT_RUN } from './column-runs.ts'
import { flagAt } from './value-at.ts'

/** A column of bytes: 0 false, 1 true, 2 null. */
export function runFlags(parts: readonly Uint8Array[]): RunColumn {
  const of = (part: number): Uint8Array => parts[part] ?? NONE
  return {
    agreement(a, rowA, b, rowB, length) {
      const [left, right] = [of(a), of(b)]
      let step = 0
      while (step < length && left[rowA + step] === right[rowB + step]) step++
      return step
    },
    isNull: (part, row) => of(part)[row] === 2,
    isSame: (a, rowA, b, rowB) => of(a)[rowA] === of(b)[rowB],
    valueOf: (part, row) => of(part)[row] === 1,
    write(rows) {
      const merged = new Uint8Array(rows)
      return {
        values: () => merged,
        copy(part, row, length, at) {
          const source = of(part)
          if (length >= SHORT_RUN) merged.set(source.subarray(row, row + length), at)
          else for (let step = 0; step < length; step++) merged[at + step] = flagAt(source, row + step)
        },
      }
    },
  }
}

const NONE = new Uint8Array()
