import type { DataPage, PageDictionary } from './data-page.ts'
import { decodeDeltas } from './decode-deltas.ts'
import { codeWords } from './code-words.ts'
import { decodeCodes } from './decode-codes.ts'
import type { CodesPlace } from './translate-codes.ts'

/** Gives the words of all pages of a column codes of one dictionary. */
export interface WordDecoder {
  /**
   * The codes of a page's values that are not null; valid until the next page, or until a kernel is called. As a rule they are
   * those of `place`, if it is given, which has room for all of them.
   */
  codes(page: DataPage, place?: CodesPlace): Int32Array
  /** The words so far, in the order of their codes. */
  readonly words: readonly string[]
}

export function createWordDecoder(): WordDecoder {
  const decoder = new TextDecoder()
  const words: string[] = []
  const codeOf = new Map<string, number>()
  let known: PageDictionary | undefined
  /** Where the words of the known dictionary have other codes than there. */
  let translation: Int32Array | undefined

  function codeOfBytes(bytes: Uint8Array): number {
    const word = decoder.decode(bytes)
    const code = codeOf.get(word) ?? words.length
    if (code === words.length) {
      words.push(word)
      codeOf.set(word, code)
    }
    return code
  }

  return {
    words,
    codes(page, place) {
      const { encoding, dictionary } = page
      if (encoding !== 'PLAIN_DICTIONARY' && encoding !== 'RLE_DICTIONARY') {
        const isPlain = encoding === 'PLAIN' && page.count > 0
        const codes = isPlain ? codeWords(page.values(), page.count, codeOfBytes, place) : undefined
        return codes ?? Int32Array.from(bytesOfWords(page), codeOfBytes)
      }
      // Pages of a column chunk share their dictionary, whose words are looked at once.
      if (dictionary !== undefined && dictionary !== known) {
        const codes = Int32Array.from(plainWords(dictionary.bytes, dictionary.size), codeOfBytes)
        translation = codes.some((code, nth) => code !== nth) ? codes : undefined
      }
      known = dictionary
      return decodeCodes(page, translation, place)
    },
  }
}

function bytesOfWords(page: DataPage): Uint8Array[] {
  if (page.count === 0) return []
  switch (page.encoding) {
    case 'PLAIN':
      return plainWords(page.values(), page.count)
    // Copied, because the lengths are decoded in memory that grows.
    case 'DELTA_LENGTH_BYTE_ARRAY':
      return wordsBehindLengths(page.values().slice(), page.count)
    case 'DELTA_BYTE_ARRAY':
      return wordsWithPrefixes(page.values().slice(), page.count)
    default:
      throw new Error(`texts are not encoded as ${page.encoding}`)
  }
}

/** Each word behind its length. */
function plainWords(bytes: Uint8Array, count: number): Uint8Array[] {
  if (!(count >= 0 && count * 4 <= bytes.length)) throw new Error('a page ends before its words do')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const words: Uint8Array[] = []
  let at = 0
  for (let nth = 0; nth < count; nth++) {
    const end = at + 4 + view.getUint32(at, true)
    if (end > bytes.length) throw new Error('a word is longer than its page')
    words.push(bytes.subarray(at + 4, end))
    at = end
  }
  return words
}

/** All lengths, then all words. */
function wordsBehindLengths(bytes: Uint8Array, count: number): Uint8Array[] {
  const { lengths, end } = decodeLengths(bytes, count)
  let at = end
  return Array.from(lengths, (length) => {
    at += length
    if (at > bytes.length) throw new Error('a word is longer than its page')
    return bytes.subarray(at - length, at)
  })
}

/** Of each word the length of what it shares with the one before, then the rest of all. */
function wordsWithPrefixes(bytes: Uint8Array, count: number): Uint8Array[] {
  const { lengths, end } = decodeLengths(bytes, count)
  let last = new Uint8Array()
  let budget = MOST_WORD_BYTES + bytes.length * 64
  return wordsBehindLengths(bytes.subarray(end), count).map((rest, nth) => {
    const shared = lengths[nth] ?? 0
    budget -= shared + rest.length
    // A few bytes can say that a million words are a megabyte each.
    if (shared > last.length || budget < 0) throw new Error('the words of a page share more than there is')
    const word = new Uint8Array(shared + rest.length)
    word.set(last.subarray(0, shared))
    word.set(rest, shared)
    last = word
    return word
  })
}

const MOST_WORD_BYTES = 1 << 26

function decodeLengths(bytes: Uint8Array, count: number): { lengths: Int32Array; end: number } {
  const lengths = new Int32Array(count)
  const end = decodeDeltas(bytes, lengths)
  if (lengths.some((length) => length < 0)) throw new Error('a word has a negative length')
  return { lengths, end }
}
