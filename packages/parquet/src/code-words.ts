import { decodeMemory } from './decode-memory.ts'

/** Words as codes of those that differ, in the order in which they come. */
export interface CodedWords {
  readonly codes: Int32Array
  readonly words: readonly Uint8Array[]
}

// As assembly/decode/words.ts has them.
const SLOTS = 4096
const MOST_WORDS = 1024

/**
 * Finds out which of PLAIN words are the same: see assembly/decode/words.ts. Returns `undefined` when there are more than
 * 1024 different ones, which it has no room for.
 *
 * Throws when the bytes are fewer than they claim to be.
 */
export function codeWords(bytes: Uint8Array, count: number): CodedWords | undefined {
  // Each has a length, so that memory is taken for no more of them than there can be.
  if (!(count >= 0 && 4 * count <= bytes.length)) throw new Error(ENDS_EARLY)
  const memory = decodeMemory()
  const { input, length, output } = memory.place(bytes, 4 * (count + SLOTS + MOST_WORDS))
  const table = output + 4 * count
  const found = table + 4 * SLOTS
  const different = memory.kernels.codeWords(input, length, count, output, table, found)
  if (different === -1) throw new Error(ENDS_EARLY)
  if (different < 0) return undefined
  const codes = new Int32Array(count)
  const places = new Uint32Array(different)
  memory.read(output, codes)
  memory.read(found, places)
  const words = Array.from(places, (at) => {
    const [size = 0] = new Uint32Array(memory.view(at, 4).slice().buffer)
    return memory.view(at + 4, size)
  })
  return { codes, words }
}

const ENDS_EARLY = 'a page ends before its words do'
