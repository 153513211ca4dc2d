import type { WordColumn } from '@lake/core'
import { type RunColumn, SHORT_RUN } from './column-runs.ts'
import { codeAt } from './value-at.ts'
import { uniteWords, wordsInUse } from './word-column.ts'

/** A column of words; the words of the parts are unified. */
export function runWords(parts: readonly WordColumn[]): RunColumn {
  const { codes, words } = uniteWords(parts)
  const of = (part: number): Int32Array => codes[part] ?? NONE
  return {
    agreement(a, rowA, b, rowB, length) {
      const [left, right] = [of(a), of(b)]
      let step = 0
      while (step < length && left[rowA + step] === right[rowB + step]) step++
      return step
    },
    isNull: (part, row) => codeAt(of(part), row) < 0,
    isSame: (a, rowA, b, rowB) => of(a)[rowA] === of(b)[rowB],
    valueOf: (part, row) => String(words[codeAt(of(part), row)]),
    write(rows) {
      const merged = new Int32Array(rows)
      return {
        values: () => wordsInUse({ codes: merged, words }),
        copy(part, row, length, at) {
          const source = of(part)
          if (length >= SHORT_RUN) merged.set(source.subarray(row, row + length), at)
          else for (let step = 0; step < length; step++) merged[at + step] = codeAt(source, row + step)
        },
      }
    },
  }
}

const NONE = new Int32Array()
