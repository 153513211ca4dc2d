import { type RunColumn, SHORT_RUN } from './column-runs.ts'
import { floatAt } from './value-at.ts'

/** A column of float64; NaN is null. */
export function runFloats(parts: readonly Float64Array[]): RunColumn {
  const of = (part: number): Float64Array => parts[part] ?? NONE
  return {
    agreement: (a, rowA, b, rowB, length) => agreement(of(a).subarray(rowA, rowA + length), of(b).subarray(rowB)),
    isNull: (part, row) => Number.isNaN(of(part)[row]),
    isSame: (a, rowA, b, rowB) => Object.is(of(a)[rowA], of(b)[rowB]),
    valueOf: (part, row) => floatAt(of(part), row),
    write(rows) {
      const merged = new Float64Array(rows)
      return {
        values: () => merged,
        copy(part, row, length, at) {
          const source = of(part)
          if (length >= SHORT_RUN) merged.set(source.subarray(row, row + length), at)
          else for (let step = 0; step < length; step++) merged[at + step] = floatAt(source, row + step)
        },
      }
    },
  }
}

const NONE = new Float64Array()

function agreement(a: Float64Array, b: Float64Array): number {
  for (let row = 0; row < a.length; row++) {
    const left = floatAt(a, row)
    const right = floatAt(b, row)
    if (left === right ? left === 0 && !Object.is(left, right) : !(Number.isNaN(left) && Number.isNaN(right)))
      return row
  }
  return a.length
}
