import { ThriftReader } from './thrift-reader.ts'

/** Where a page lies. */
export interface PageLocation {
  readonly offset: number
  /** With its header. */
  readonly bytes: number
  /** Counted from the start of the row group. */
  readonly firstRow: number
}

/** What is known of the values of each page of a column. */
export interface PageBounds {
  /** The least and the greatest, as PLAIN bytes; of no bytes where there is none. */
  readonly least: readonly Uint8Array[]
  readonly greatest: readonly Uint8Array[]
  /** True where all values are null. */
  readonly isEmpty: readonly boolean[]
}

/** The pages of a column, from its offset index. */
export function readPageLocations(bytes: Uint8Array): PageLocation[] {
  const reader = new ThriftReader(bytes, 'an offset index')
  const locations: PageLocation[] = []
  reader.fields((id) => {
    if (id !== 1) {
      reader.skip()
      return
    }
    reader.list(() => {
      locations.push(readLocation(reader))
    })
  })
  return locations
}

function readLocation(reader: ThriftReader): PageLocation {
  let offset = -1
  let bytes = -1
  let firstRow = -1
  reader.struct((id) => {
    if (id === 1) offset = reader.long()
    else if (id === 2) bytes = reader.integer()
    else if (id === 3) firstRow = reader.long()
    else reader.skip()
  })
  return { offset, bytes, firstRow }
}

/** The bounds of a column's pages, from its column index. */
export function readPageBounds(bytes: Uint8Array): PageBounds {
  const reader = new ThriftReader(bytes, 'a column index')
  const isEmpty: boolean[] = []
  const least: Uint8Array[] = []
  const greatest: Uint8Array[] = []
  reader.fields((id) => {
    if (id === 1) reader.list(() => isEmpty.push(reader.flag()))
    else if (id === 2) reader.list(() => least.push(reader.binary()))
    else if (id === 3) reader.list(() => greatest.push(reader.binary()))
    else reader.skip()
  })
  return { least, greatest, isEmpty }
}
