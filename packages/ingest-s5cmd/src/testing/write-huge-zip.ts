import { type FileHandle, open } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { crc32, createDeflateRaw } from 'node:zlib'

export interface HugeZip {
  readonly name: string
  /** The content of its one member. */
  readonly content: () => Iterable<Uint8Array>
  /** So many bytes in front of the member, which a file system that can leaves out. */
  readonly hole: number
}

const LOCAL_SIZE = 30
const CENTRAL_SIZE = 46
const DEFLATED = 8

/** Writes a zip of any size, in the form of one of more than 4 GB, in the memory of a few chunks. */
export async function writeHugeZip(path: string, { name, content, hole }: HugeZip): Promise<void> {
  const file = await open(path, 'w')
  try {
    const label = Buffer.from(name)
    const local = Buffer.alloc(LOCAL_SIZE)
    local.write('PK\x03\x04', 'latin1')
    local.writeUInt16LE(DEFLATED, 8)
    local.writeUInt16LE(label.length, 26)
    await file.write(Buffer.concat([local, label]), 0, undefined, hole)
    const start = hole + LOCAL_SIZE + label.length
    const { size, crc, packed } = await deflateInto(file, start, content())
    await file.write(
      directoryOf({ label, size, crc, packed, offset: hole, start: start + packed }),
      0,
      undefined,
      start + packed,
    )
  } finally {
    await file.close()
  }
}

interface Deflated {
  readonly size: number
  readonly crc: number
  readonly packed: number
}

async function deflateInto(file: FileHandle, start: number, content: Iterable<Uint8Array>): Promise<Deflated> {
  let [size, crc, packed] = [0, 0, 0]
  function* counted(): Generator<Uint8Array, void, undefined> {
    for (const chunk of content) {
      size += chunk.length
      crc = crc32(chunk, crc)
      yield chunk
    }
  }
  await pipeline(counted, createDeflateRaw({ level: 1 }), async (chunks: AsyncIterable<Uint8Array>) => {
    for await (const chunk of chunks) {
      await file.write(chunk, 0, undefined, start + packed)
      packed += chunk.length
    }
  })
  return { size, crc, packed }
}

interface Directory extends Deflated {
  readonly label: Buffer
  /** Where the member is. */
  readonly offset: number
  /** Where the directory is. */
  readonly start: number
}

/** The directory of one member and the records at the end, with every size and place in zip64 fields. */
function directoryOf({ label, size, crc, packed, offset, start }: Directory): Buffer {
  const fields = Buffer.alloc(28)
  fields.writeUInt16LE(1, 0)
  fields.writeUInt16LE(24, 2)
  for (const [index, value] of [size, packed, offset].entries()) fields.writeBigUInt64LE(BigInt(value), 4 + index * 8)
  const entry = Buffer.alloc(CENTRAL_SIZE)
  entry.write('PK\x01\x02', 'latin1')
  entry.writeUInt16LE(DEFLATED, 10)
  entry.writeUInt32LE(crc, 16)
  entry.fill(0xff, 20, 28)
  entry.writeUInt16LE(label.length, 28)
  entry.writeUInt16LE(fields.length, 30)
  entry.fill(0xff, 42, 46)
  const length = CENTRAL_SIZE + label.length + fields.length
  const record = Buffer.alloc(56)
  record.write('PK\x06\x06', 'latin1')
  for (const [at, value] of [
    [4, 44],
    [24, 1],
    [32, 1],
    [40, length],
    [48, start],
  ] as const)
    record.writeBigUInt64LE(BigInt(value), at)
  const locator = Buffer.alloc(20)
  locator.write('PK\x06\x07', 'latin1')
  locator.writeBigUInt64LE(BigInt(start + length), 8)
  locator.writeUInt32LE(1, 16)
  const end = Buffer.alloc(22, 0xff)
  end.write('PK\x05\x06', 'latin1')
  end.fill(0, 4, 8)
  end.fill(0, 20)
  return Buffer.concat([entry, label, fields, record, locator, end])
}
