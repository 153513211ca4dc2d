import type { Encoding } from 'hyparquet'

/**
 * What stands before a page, as far as a reader needs it. Files have a header every few thousand values, with statistics
 * that nobody asks for here: they are skipped, which takes a tenth of the time that making objects of all of it does.
 */
export interface PageHeader {
  readonly compressedSize: number
  readonly uncompressedSize: number
  readonly crc: number | undefined
  /** `undefined` for pages that hold neither values nor a dictionary. */
  readonly page: DataPageHeader | DictionaryPageHeader | undefined
}

/** Of a page of values. */
export interface DataPageHeader {
  readonly version: 1 | 2
  /** Nulls count. */
  readonly rows: number
  readonly encoding: Encoding
  /** Of version 2 alone, where levels are told apart from the values; else 0. */
  readonly definitionBytes: number
  readonly repetitionBytes: number
  readonly isCompressed: boolean
}

/** Of a page that other pages take their values from. */
interface DictionaryPageHeader {
  readonly version: 'dictionary'
  readonly size: number
}

/** Bytes, and where the next one is read. */
interface Cursor {
  readonly bytes: Uint8Array
  at: number
}

/** The header at the start of some bytes, and how many it takes; throws where the bytes end before it does. */
export function readPageHeader(bytes: Uint8Array): { readonly header: PageHeader; readonly length: number } {
  const cursor = { bytes, at: 0 }
  let compressedSize = -1
  let uncompressedSize = -1
  let crc: number | undefined
  let page: PageHeader['page']
  readFields(cursor, (id, type) => {
    if (id === 2) uncompressedSize = readInteger(cursor)
    else if (id === 3) compressedSize = readInteger(cursor)
    else if (id === 4) crc = readInteger(cursor)
    else if (id === 5) page = readDataPage(cursor)
    else if (id === 7) page = { version: 'dictionary', size: readFirst(cursor) }
    else if (id === 8) page = readDataPage2(cursor)
    else skip(cursor, type)
  })
  return { header: { compressedSize, uncompressedSize, crc, page }, length: cursor.at }
}

function readDataPage(cursor: Cursor): DataPageHeader {
  let rows = -1
  let encoding = -1
  readFields(cursor, (id, type) => {
    if (id === 1) rows = readInteger(cursor)
    else if (id === 2) encoding = readInteger(cursor)
    else skip(cursor, type)
  })
  const levels = { definitionBytes: 0, repetitionBytes: 0 }
  return { version: 1, rows, encoding: encodingOf(encoding), ...levels, isCompressed: true }
}

function readDataPage2(cursor: Cursor): DataPageHeader {
  let rows = -1
  let encoding = -1
  let definitionBytes = -1
  let repetitionBytes = -1
  let isCompressed = true
  readFields(cursor, (id, type) => {
    if (id === 1) rows = readInteger(cursor)
    else if (id === 4) encoding = readInteger(cursor)
    else if (id === 5) definitionBytes = readInteger(cursor)
    else if (id === 6) repetitionBytes = readInteger(cursor)
    else if (id === 7) isCompressed = type === TRUE
    else skip(cursor, type)
  })
  return { version: 2, rows, encoding: encodingOf(encoding), definitionBytes, repetitionBytes, isCompressed }
}

/** The first field of a structure, which is an integer. */
function readFirst(cursor: Cursor): number {
  let value = 0
  readFields(cursor, (id, type) => {
    if (id === 1) value = readInteger(cursor)
    else skip(cursor, type)
  })
  return value
}

const ENCODINGS: readonly (Encoding | undefined)[] = [
  'PLAIN',
  undefined,
  'PLAIN_DICTIONARY',
  'RLE',
  'BIT_PACKED',
  'DELTA_BINARY_PACKED',
  'DELTA_LENGTH_BYTE_ARRAY',
  'DELTA_BYTE_ARRAY',
  'RLE_DICTIONARY',
  'BYTE_STREAM_SPLIT',
]

function encodingOf(number: number): Encoding {
  const encoding = ENCODINGS[number]
  if (encoding !== undefined) return encoding
  throw new Error(`a page has an encoding of number ${number}, which there is not`)
}

// Thrift's compact protocol: of its types those that are told apart.
const TRUE = 1
const BYTE = 3
const DOUBLE = 7
const BINARY = 8
const LIST = 9
const SET = 10
const STRUCT = 12

/** Calls `read` with the number and the type of each field of a structure, of which it reads or skips what follows. */
function readFields(cursor: Cursor, read: (id: number, type: number) => void): void {
  let id = 0
  for (;;) {
    const byte = readByte(cursor)
    const type = byte & 15
    if (type === 0) return
    id = byte >> 4 === 0 ? readInteger(cursor) : id + (byte >> 4)
    read(id, type)
  }
}

function skip(cursor: Cursor, type: number): void {
  if (type < BYTE) return
  if (type === BYTE) skipBytes(cursor, 1)
  else if (type < DOUBLE) while (readByte(cursor) >= 128);
  else if (type === DOUBLE) skipBytes(cursor, 8)
  else if (type === BINARY) skipBytes(cursor, readCount(cursor))
  else if (type === LIST || type === SET) skipList(cursor)
  else if (type === STRUCT) {
    readFields(cursor, (_, inner) => {
      skip(cursor, inner)
    })
  } else throw new Error(`a page header has a field of type ${type}`)
}

function skipBytes(cursor: Cursor, count: number): void {
  cursor.at += count
}

function skipList(cursor: Cursor): void {
  const byte = readByte(cursor)
  const type = byte & 15
  const count = byte >> 4 === 15 ? readCount(cursor) : byte >> 4
  // In a list a truth value takes a byte.
  for (let nth = 0; nth < count; nth++) skip(cursor, Math.max(type, BYTE))
}

function readInteger(cursor: Cursor): number {
  const number = readCount(cursor)
  return (number >>> 1) ^ -(number & 1)
}

/** 32 bits, not negative, in groups of seven. */
function readCount(cursor: Cursor): number {
  let count = 0
  for (let shift = 0; shift < 70; shift += 7) {
    const byte = readByte(cursor)
    if (shift < 32) count |= (byte & 127) << shift
    if (byte < 128) return count >>> 0
  }
  throw new Error('a page header has a number that does not end')
}

function readByte(cursor: Cursor): number {
  const byte = cursor.bytes[cursor.at++]
  if (byte !== undefined) return byte
  throw new Error('a page header ends in the middle')
}
