import { type Integers, integerValue } from './integer-column.ts'
import { type RunColumn, SHORT_RUN } from './column-runs.ts'
import { codeAt, integerAt } from './value-at.ts'

/** A column of int64 or of times; compared and copied as halves, since reading a BigInt allocates one. */
export function runIntegers(parts: readonly Integers[]): RunColumn {
  const hasNulls = parts.some(({ nulls }) => nulls !== undefined)
  const halves = parts.map(({ values }) => new Int32Array(values.buffer, values.byteOffset, values.length * 2))
  const of = (part: number): Int32Array => halves[part] ?? NONE
  const isNull = (part: number, row: number): boolean => parts[part]?.nulls?.[row] === 1
  return {
    agreement(a, rowA, b, rowB, length) {
      const same = agreement(of(a).subarray(2 * rowA, 2 * (rowA + length)), of(b).subarray(2 * rowB))
      if (!hasNulls) return same
      for (let step = 0; step < same; step++) {
        if (isNull(a, rowA + step) !== isNull(b, rowB + step)) return step
      }
      return same
    },
    isNull,
    isSame: (a, rowA, b, rowB) => parts[a]?.values[rowA] === parts[b]?.values[rowB],
    valueOf: (part, row) => integerValue(integerAt(parts[part]?.values ?? new BigInt64Array(), row)),
    write(rows) {
      const merged = new Int32Array(rows * 2)
      const values = new BigInt64Array(merged.buffer)
      const nulls = new Uint8Array(hasNulls ? rows : 0)
      return {
        values: () => (hasNulls ? { values, nulls } : values),
        copy(part, row, length, at) {
          const source = of(part)
          if (length >= SHORT_RUN) merged.set(source.subarray(2 * row, 2 * (row + length)), 2 * at)
          else for (let step = 0; step < 2 * length; step++) merged[2 * at + step] = codeAt(source, 2 * row + step)
          if (hasNulls) for (let step = 0; step < length; step++) nulls[at + step] = isNull(part, row + step) ? 1 : 0
        },
      }
    },
  }
}

const NONE = new Int32Array()

function agreement(a: Int32Array, b: Int32Array): number {
  for (let half = 0; half < a.length; half++) if (a[half] !== b[half]) return half >> 1
  return a.length >> 1
}
