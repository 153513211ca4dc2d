import type { DataPage } from './data-page.ts'
import { decodeNumbers } from './decode-numbers.ts'
import type { FileColumn } from './file-columns.ts'
import { intoMicros } from './stored-times.ts'

/** The values of a page that are not null, as int64 and in microseconds. */
export function denseIntegers(page: DataPage, { type, unit }: FileColumn): BigInt64Array {
  if (type === 'INT64') {
    const values = new BigInt64Array(page.count)
    decodeNumbers(page, values)
    intoMicros(values, unit)
    return values
  }
  const narrow = new Int32Array(page.count)
  decodeNumbers(page, narrow)
  const wide = new BigInt64Array(page.count)
  const halves = new Int32Array(wide.buffer)
  for (let nth = 0; nth < narrow.length; nth++) {
    const value = narrow[nth] ?? 0
    halves[2 * nth] = value
    halves[2 * nth + 1] = unit === 'UINT_32' ? 0 : value >> 31
  }
  return wide
}
