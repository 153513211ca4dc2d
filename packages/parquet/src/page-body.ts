import { checksum } from './checksum.ts'
import type { PageHeader } from './page-header.ts'
import type { PageBody, PageReader } from './page-reader.ts'

/** What is done with the checksums of pages that have them. */
export type Checksums = 'compare' | 'ignore'

/** The body of a page, to be taken in pieces. What was taken before is gone when the next piece is. */
export interface PageBodyReader {
  /** The next piece at once, such as levels. */
  take(size: number): Uint8Array
  /** All that is left, whose checksum is compared when it is read: with what was taken, it is that of the page. */
  rest(): PageBody
}

export function readPageBody(reader: PageReader, header: PageHeader, checksums: Checksums): PageBodyReader {
  const { compressedSize: size } = header
  const crc = checksums === 'compare' ? header.crc : undefined
  let left = size
  let sum = 0
  return {
    take(length) {
      if (!(length >= 0 && length <= left)) throw new Error('a page is shorter than its levels')
      left -= length
      const bytes = reader.body(length).bytes()
      if (crc !== undefined) sum = checksum(bytes, sum)
      return bytes
    },
    rest() {
      const body = reader.body(left)
      return crc === undefined ? body : checkedBody(body, crc, sum)
    },
  }
}

function checkedBody(body: PageBody, crc: number, sum: number): PageBody {
  let isChecked = false
  const compare = (found: number): void => {
    if (found !== crc) throw new Error('the checksum of a page is another one')
    isChecked = true
  }
  const check = (bytes: Uint8Array): Uint8Array => {
    if (!isChecked) compare(checksum(bytes, sum))
    return bytes
  }
  return {
    size: body.size,
    bytes: () => check(body.bytes()),
    moveTo(target, see) {
      let moved = sum
      body.moveTo(target, (bytes, at) => {
        moved = checksum(bytes, moved, at)
        see?.(bytes, at)
      })
      compare(moved)
    },
  }
}
