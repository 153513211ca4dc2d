import type { DataPage, PageDictionary } from './data-page.ts'
import { decodeMemory } from './decode-memory.ts'
import { placeCodes } from './decode-runs.ts'
import { codesAt, type CodesPlace, translateCodes } from './translate-codes.ts'

/**
 * The places in the dictionary of a page's values that are not null; each exists. Where there is a translation, which has
 * one for each word of the dictionary, codes of that instead.
 *
 * They lie in the memory of the kernels, and are there until the next kernel is called; or they lie at
 * `place`, which has room for all of them.
 */
export function decodeCodes(page: DataPage, translation?: Int32Array, place?: CodesPlace): Int32Array {
  const { count, dictionary } = page
  if (count === 0) return new Int32Array(0)
  const memory = decodeMemory()
  const bytes = page.values()
  const more = translation === undefined ? 0 : 4 * count
  const { at, room, greatest } = placeCodes(memory, bytes.subarray(1), {
    width: bytes[0] ?? 0,
    count,
    more,
    place: place?.at,
  })
  checkGreatest(greatest, dictionary)
  const codes = place?.codes ?? codesAt(memory, at, count)
  if (translation !== undefined) translateCodes(memory, { codes, at, room }, translation)
  return codes
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
  const { at, room, greatest } = placeCodes(memory, bytes.subarray(1), { width: bytes[0] ?? 0, count, more })
  checkGreatest(greatest, dictionary)
  const values = place ?? room
  memory.kernels.lookUpWide(at, count, memory.dictionary, values)
  if (place === undefined) memory.read(values, target)
  return target instanceof Float64Array && memory.kernels.holdsNaN(values, count)
}

function checkGreatest(greatest: number, dictionary: PageDictionary | undefined): void {
  if (greatest < (dictionary?.size ?? 0)) return
  throw new Error('a page names a word that its dictionary does not have')
}
