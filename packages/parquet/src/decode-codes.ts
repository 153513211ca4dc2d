import type { DataPage } from './data-pages.ts'
import { decodeRuns } from './decode-runs.ts'

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
    const greatest = decodeRuns(bytes.subarray(1), bytes[0] ?? 0, codes)
    if (greatest < (page.dictionary?.size ?? 0)) return codes
    throw new Error('a page names a word that its dictionary does not have')
  }
}
