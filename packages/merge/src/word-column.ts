import type { WordColumn } from '@lake/core'
import { type Column, concatValues } from './column.ts'
import { codeAt, rowAt } from './value-at.ts'

/** A column of words; the words of the parts are unified. */
export function wordColumn(parts: readonly WordColumn[]): Column {
  const united = uniteWords(parts)
  const { words } = united
  const codes = concatValues(united.codes, (length) => new Int32Array(length))
  return {
    isNull: (row) => codeAt(codes, row) < 0,
    isSame: (a, b) => codeAt(codes, a) === codeAt(codes, b),
    copy: (from, to) => codes.copyWithin(to, from, from + 1),
    valueOf: (row) => String(words[codeAt(codes, row)]),
    take(rows) {
      const taken = new Int32Array(rows.length)
      for (let at = 0; at < taken.length; at++) taken[at] = codeAt(codes, rowAt(rows, at))
      return wordsInUse({ codes: taken, words })
    },
  }
}

/** The same rows with codes into one list of words. */
export function uniteWords(parts: readonly WordColumn[]): {
  readonly codes: readonly Int32Array[]
  readonly words: readonly string[]
} {
  const words = [...new Set(parts.flatMap((part) => part.words))]
  const united = new Map(words.map((word, code) => [word, code]))
  return {
    words,
    codes: parts.map((part) => {
      const codeOf = part.words.map((word) => united.get(word) ?? -1)
      return codeOf.every((code, at) => code === at) ? part.codes : translated(part.codes, codeOf)
    }),
  }
}

/** The same words, numbered as they first occur: the dictionary says nothing of the order of the inputs. */
export function wordsInUse({ codes, words }: WordColumn): WordColumn {
  const order = firstUses(codes, words.length)
  const used = order.map((code) => String(words[code]))
  if (order.every((code, place) => code === place)) return { codes, words: used }
  const places = words.map((_, code) => order.indexOf(code))
  return { codes: translated(codes, places), words: used }
}

/** Each code by its place in a list of new codes; -1 stays. */
function translated(codes: Int32Array, newCodes: readonly number[]): Int32Array {
  const result = new Int32Array(codes.length)
  for (let at = 0; at < codes.length; at++) result[at] = newCodes[codeAt(codes, at)] ?? -1
  return result
}

/** The codes in use, in the order of their first use. */
function firstUses(codes: Int32Array, words: number): number[] {
  const isUsed = new Uint8Array(words)
  const order: number[] = []
  let previous = -1
  for (let at = 0; at < codes.length; at++) {
    const code = codeAt(codes, at)
    if (code === previous) continue
    previous = code
    if (code < 0 || isUsed[code] === 1) continue
    isUsed[code] = 1
    if (order.push(code) === words) break
  }
  return order
}
