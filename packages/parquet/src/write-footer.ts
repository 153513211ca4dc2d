import type { Field } from 'apache-arrow'
import type { ByteWriter } from './byte-writer.ts'
import type { EncodedChunk } from './chunk-encoder.ts'
import { columnKind, decimalDigits } from './column-kind.ts'
import { INT64_DIGITS } from './decimal-chunk.ts'
import { CONVERTED_TYPE, MAGIC, PHYSICAL_TYPE } from './file-format.ts'
import { ThriftWriter } from './thrift-writer.ts'

/** A row group as it was written. */
export interface EncodedRowGroup {
  readonly rows: number
  /** One a field. */
  readonly chunks: readonly EncodedChunk[]
}

export interface FooterContent {
  readonly fields: readonly Field[]
  readonly rows: number
  readonly rowGroups: readonly EncodedRowGroup[]
  readonly metadata: Readonly<Record<string, string>>
}

/** Writes what follows the last row group, whose end is the place `base` of the file: page indexes and footer. */
export function writeFooter({ fields, rows, rowGroups, metadata }: FooterContent, out: ByteWriter, base: number): void {
  const thrift = new ThriftWriter(out)
  const columnIndexes = placeParts(rowGroups, out, base, (chunk) => {
    writeColumnIndex(chunk, thrift)
  })
  const offsetIndexes = placeParts(rowGroups, out, base, (chunk) => {
    writeOffsetIndex(chunk, thrift)
  })
  const start = out.length
  thrift.element(() => {
    thrift.int32(1, 2)
    thrift.structs(2, [undefined, ...fields], (field) => {
      if (field === undefined) {
        thrift.text(4, 'schema')
        thrift.int32(5, fields.length)
      } else {
        writeField(field, thrift)
      }
    })
    thrift.int64(3, rows)
    thrift.structs(4, rowGroups, (rowGroup) => {
      thrift.structs(1, rowGroup.chunks, (chunk) => {
        const field = fields[rowGroup.chunks.indexOf(chunk)]
        thrift.int64(2, 0)
        if (field !== undefined)
          thrift.struct(3, () => {
            writeChunk(field, chunk, thrift)
          })
        writePlace(offsetIndexes.get(chunk), 4, thrift)
        writePlace(columnIndexes.get(chunk), 6, thrift)
      })
      thrift.int64(
        2,
        sum(rowGroup.chunks, ({ uncompressedSize }) => uncompressedSize),
      )
      thrift.int64(3, rowGroup.rows)
      thrift.int64(
        6,
        sum(rowGroup.chunks, ({ compressedSize }) => compressedSize),
      )
    })
    // Code-unit order, not locale order: the same on every machine.
    const entries = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1))
    if (entries.length > 0) {
      thrift.structs(5, entries, ([key, value]) => {
        thrift.text(1, key)
        thrift.text(2, value)
      })
    }
    thrift.text(6, 'lake')
    // Bounds are ordered as the type defines it; without this, readers may not use them.
    thrift.structs(7, fields, () => {
      thrift.struct(1, () => undefined)
    })
  })
  out.uint32(out.length - start)
  out.append(MAGIC)
}

interface Place {
  readonly offset: number
  readonly length: number
}

/** Writes a part for each chunk of each row group; a part of no bytes has no place. */
function placeParts(
  rowGroups: readonly EncodedRowGroup[],
  out: ByteWriter,
  base: number,
  write: (chunk: EncodedChunk) => void,
): Map<EncodedChunk, Place> {
  const places = new Map<EncodedChunk, Place>()
  for (const chunk of rowGroups.flatMap(({ chunks }) => chunks)) {
    const start = out.length
    write(chunk)
    if (out.length > start) places.set(chunk, { offset: base + start, length: out.length - start })
  }
  return places
}

function writePlace(place: Place | undefined, id: number, thrift: ThriftWriter): void {
  if (place === undefined) return
  thrift.int64(id, place.offset)
  thrift.int32(id + 1, place.length)
}

function writeColumnIndex({ pages, bounds }: EncodedChunk, thrift: ThriftWriter): void {
  const known = bounds.pages
  if (known === undefined) return
  thrift.element(() => {
    thrift.flags(
      1,
      pages.map(({ valueCount }) => valueCount === 0),
    )
    thrift.binaries(
      2,
      known.map(({ least }) => least),
    )
    thrift.binaries(
      3,
      known.map(({ greatest }) => greatest),
    )
    thrift.int32(4, bounds.order)
    thrift.int64s(
      5,
      pages.map(({ nullCount }) => nullCount),
    )
  })
}

function writeOffsetIndex({ pages }: EncodedChunk, thrift: ThriftWriter): void {
  thrift.element(() => {
    thrift.structs(1, pages, ({ offset, size, firstRow }) => {
      thrift.int64(1, offset)
      thrift.int32(2, size)
      thrift.int64(3, firstRow)
    })
  })
}

function writeChunk(field: Field, chunk: EncodedChunk, thrift: ThriftWriter): void {
  const { bounds, dictionaryOffset } = chunk
  thrift.int32(1, physicalType(field))
  thrift.int32s(2, chunk.encodings)
  thrift.binaries(3, [new TextEncoder().encode(field.name)])
  thrift.int32(4, chunk.codec)
  thrift.int64(5, chunk.rows)
  thrift.int64(6, chunk.uncompressedSize)
  thrift.int64(7, chunk.compressedSize)
  thrift.int64(9, chunk.pages[0]?.offset ?? 0)
  if (dictionaryOffset !== undefined) thrift.int64(11, dictionaryOffset)
  thrift.struct(12, () => {
    thrift.int64(3, chunk.nullCount)
    if (bounds.greatest !== undefined) thrift.binary(5, bounds.greatest)
    if (bounds.least !== undefined) thrift.binary(6, bounds.least)
  })
}

function physicalType(field: Field): number {
  switch (columnKind(field)) {
    case 'float':
      return PHYSICAL_TYPE.double
    case 'flag':
      return PHYSICAL_TYPE.boolean
    case 'text':
      return PHYSICAL_TYPE.byteArray
    case 'decimal':
      return (decimalDigits(field)?.precision ?? 0) <= INT64_DIGITS
        ? PHYSICAL_TYPE.int64
        : PHYSICAL_TYPE.fixedLengthByteArray
    default:
      return PHYSICAL_TYPE.int64
  }
}

function writeField(field: Field, thrift: ThriftWriter): void {
  const kind = columnKind(field)
  const digits = decimalDigits(field)
  thrift.int32(1, physicalType(field))
  if (physicalType(field) === PHYSICAL_TYPE.fixedLengthByteArray) thrift.int32(2, 16)
  thrift.int32(3, field.nullable ? 1 : 0)
  thrift.text(4, field.name)
  if (kind === 'text') {
    thrift.int32(6, CONVERTED_TYPE.utf8)
    thrift.struct(10, () => {
      thrift.struct(1, () => undefined)
    })
  }
  if (digits !== undefined) {
    const { scale, precision } = digits
    thrift.int32(6, CONVERTED_TYPE.decimal)
    thrift.int32(7, scale)
    thrift.int32(8, precision)
    thrift.struct(10, () => {
      thrift.struct(5, () => {
        thrift.int32(1, scale)
        thrift.int32(2, precision)
      })
    })
  }
  if (kind === 'time') {
    thrift.int32(6, CONVERTED_TYPE.timestampMicros)
    thrift.struct(10, () => {
      thrift.struct(8, () => {
        thrift.flag(1, true)
        thrift.struct(2, () => {
          thrift.struct(2, () => undefined)
        })
      })
    })
  }
}

function sum<T>(items: readonly T[], sizeOf: (item: T) => number): number {
  return items.reduce((total, item) => total + sizeOf(item), 0)
}
