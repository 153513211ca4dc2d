import type { WordColumn } from '@lake/core'
import { type Column, concatValues } from './column.ts'
import { codeAt, rowAt } from './value-at.ts'

/** A column of words; the words of the parts are unified. */
export function wordColumn(parts: readonly WordColumn[]): Column {
  const words = [...new Set(parts.flatMap((part) => part.words))]
  const codes = concatValues(
    parts.map((part) => {
      const codeOf = part.words.map((word) => words.indexOf(word))
      return part.codes.map((code) => codeOf[code] ?? -1)
    }),
    (length) => new Int32Array(length),
  )
  return {
    isNull: (row) => codeAt(codes, row) < 0,
    isSame: (a, b) => codeAt(codes, a) === codeAt(codes, b),
    copy: (from, to) => codes.copyWithin(to, from, from + 1),
    valueOf: (row) => String(words[codeAt(codes, row)]),
    all: () => inOrderOfUse({ codes, words }),
    take(rows) {
      const taken = new Int32Array(rows.length)
      for (let at = 0; at < taken.length; at++) taken[at] = codeAt(codes, rowAt(rows, at))
      return inOrderOfUse({ codes: taken, words })
    },
  }
}

/** The same words, numbered as they first occur: the dictionary says nothing of the order of the inputs. */
function inOrderOfUse({ codes, words }: WordColumn): WordColumn {
  const used: number[] = []
  for (let at = 0; at < codes.length && used.length < words.length; at++) {
    const code = codeAt(codes, at)
    if (code >= 0 && !used.includes(code)) used.push(code)
  }
  return { codes: codes.map((code) => used.indexOf(code)), words: used.map((code) => String(words[code])) }
}
