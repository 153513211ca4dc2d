import { decodeMemory } from './decode-memory.ts'
import { codesAt, type CodesPlace, translateCodes } from './translate-codes.ts'

// As assembly/decode/words.ts has them.
const TABLE_BYTES = 2048 * 16
const MOST_WORDS = 1024

/**
 * Gives PLAIN words codes: see assembly/decode/words.ts. Each word is shown once to `codeOf`, which says what code it has,
 * in the order in which they come. Returns `undefined`, and shows none, when there are more than 1024 different ones,
 * which it has no room for.
 *
 * The codes lie in the memory of the kernels, and are there until the next kernel is called; or they lie at
 * `place`, which has room for all of them. Throws when the bytes are fewer than they claim to be.
 */
export function codeWords(
  bytes: Uint8Array,
  count: number,
  codeOf: (word: Uint8Array) => number,
  place?: CodesPlace,
): Int32Array | undefined {
  // Each has a length, so that memory is taken for no more of them than there can be.
  if (!(count >= 0 && 4 * count <= bytes.length)) throw new Error(ENDS_EARLY)
  const memory = decodeMemory()
  const {
    input,
    length,
    output: table,
  } = memory.place(bytes, TABLE_BYTES + 4 * (MOST_WORDS + (place === undefined ? count : 0)))
  const found = table + TABLE_BYTES
  const at = place?.at ?? found + 4 * MOST_WORDS
  const different = memory.kernels.codeWords(input, length, count, at, table, found)
  if (different === -1) throw new Error(ENDS_EARLY)
  if (different < 0) return undefined
  const places = new Uint32Array(different)
  memory.read(found, places)
  const translation = Int32Array.from(places, (place) => {
    const [size = 0] = new Uint32Array(memory.view(place, 4).slice().buffer)
    return codeOf(memory.view(place + 4, size))
  })
  const codes = place?.codes ?? codesAt(memory, at, count)
  if (translation.some((code, nth) => code !== nth)) translateCodes(memory, { codes, at, room: table }, translation)
  return codes
}

const ENDS_EARLY = 'a page ends before its words do'
