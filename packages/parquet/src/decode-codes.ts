import type { DataPage, PageDictionary } from './data-pages.ts'
import { decodeMemory } from './decode-memory.ts'
import { decodeRuns, placeRuns } from './decode-runs.ts'

/** The places in the dictionary of a page's values that are not null; each exists. Valid until the next page. */
export type DecodeCodes = (page: DataPage) => Int32Array

/** A decoder of codes, which keeps its memory from page to page. */
export function createCodeDecoder(): DecodeCodes {
  let memory = new Int32Array(0)
  return (page) => {
    const { count } = page
    if (memory.length < count) memory = new Int32Array(count)
    const codes = memory.subarray(0, count)
    if (count === 0) return codes
    const bytes = page.values()
    checkGreatest(decodeRuns(bytes.subarray(1), bytes[0] ?? 0, codes), page.dictionary)
    return codes
  }
}

/**
 * Looks a page's values of eight bytes up in its dictionary. Returns whether one is NaN, where they are floats. `place` is
 * where the kernels find `target`, if it lies in their memory.
 */
export function lookUpWide(page: DataPage, target: BigInt64Array | Float64Array, place?: number): boolean {
  const { dictionary } = page
  const { length: count, byteLength: more } = target
  if (count === 0) return false
  if (dictionary === undefined || dictionary.bytes.length < 8 * dictionary.size) {
    throw new Error('a dictionary ends before its values do')
  }
  const memory = decodeMemory()
  const bytes = page.values()
  const { at, greatest } = placeRuns(memory, bytes.subarray(1), { width: bytes[0] ?? 0, count, size: 4, more })
  checkGreatest(greatest, dictionary)
  const values = place ?? at + 4 * count
  memory.kernels.lookUpWide(at, count, memory.dictionary, values)
  if (place === undefined) memory.read(values, target)
  return target instanceof Float64Array && memory.kernels.holdsNaN(values, count)
}

function checkGreatest(greatest: number, dictionary: PageDictionary | undefined): void {
  if (greatest < (dictionary?.size ?? 0)) return
  throw new Error('a page names a word that its dictionary does not have')
}
