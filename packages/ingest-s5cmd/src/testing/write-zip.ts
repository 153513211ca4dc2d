import { promisify } from 'node:util'
import { crc32, deflateRaw } from 'node:zlib'

export interface ZipMember {
  readonly name: string
  readonly bytes: Uint8Array
}

export interface ZipOptions {
  /** Deflate level, 1 is fastest, 9 smallest. Default 6, as the exchanges use. */
  readonly level?: number | undefined
}

const deflate = promisify<Uint8Array, { level: number }, Buffer>(deflateRaw)

/** Names are UTF-8. */
const FLAGS = 0x0800
const DEFLATED = 8
/** 1980-01-01 00:00, the first moment of the format: equal members give equal zips. */
const DOS_TIME = 0
const DOS_DATE = 0x21
const LOCAL_SIZE = 30
const CENTRAL_SIZE = 46
const END_SIZE = 22

/**
 * A zip of deflated members, of less than 4 GiB in all.
 *
 * @example
 * await writeZip([{ name: 'a.csv', bytes: new TextEncoder().encode('1,2\n') }])
 */
export async function writeZip(members: readonly ZipMember[], options: ZipOptions = {}): Promise<Uint8Array> {
  const { level = 6 } = options
  const local: Uint8Array[] = []
  const central: Uint8Array[] = []
  let offset = 0
  for (const { name, bytes } of members) {
    const packed = await deflate(bytes, { level })
    const entry = { name: Buffer.from(name), crc: crc32(bytes), packed: packed.length, size: bytes.length, offset }
    local.push(localHeader(entry), packed)
    central.push(centralHeader(entry))
    offset += LOCAL_SIZE + entry.name.length + packed.length
  }
  const directory = Buffer.concat(central)
  return Buffer.concat([...local, directory, endRecord(members.length, directory.length, offset)])
}

interface ZipEntry {
  readonly name: Buffer
  readonly crc: number
  readonly packed: number
  readonly size: number
  readonly offset: number
}

function localHeader(entry: ZipEntry): Buffer {
  const header = Buffer.alloc(LOCAL_SIZE)
  header.write('PK\x03\x04', 'latin1')
  header.writeUInt16LE(20, 4)
  writeCommon(header, 6, entry)
  return Buffer.concat([header, entry.name])
}

function centralHeader(entry: ZipEntry): Buffer {
  const header = Buffer.alloc(CENTRAL_SIZE)
  header.write('PK\x01\x02', 'latin1')
  header.writeUInt16LE(20, 4)
  header.writeUInt16LE(20, 6)
  writeCommon(header, 8, entry)
  header.writeUInt32LE(entry.offset, 42)
  return Buffer.concat([header, entry.name])
}

/** The fields from the flags to the length of the name, which both headers have in the same order. */
function writeCommon(header: Buffer, at: number, entry: ZipEntry): void {
  header.writeUInt16LE(FLAGS, at)
  header.writeUInt16LE(DEFLATED, at + 2)
  header.writeUInt16LE(DOS_TIME, at + 4)
  header.writeUInt16LE(DOS_DATE, at + 6)
  header.writeUInt32LE(entry.crc, at + 8)
  header.writeUInt32LE(entry.packed, at + 12)
  header.writeUInt32LE(entry.size, at + 16)
  header.writeUInt16LE(entry.name.length, at + 20)
}

function endRecord(members: number, size: number, offset: number): Buffer {
  const record = Buffer.alloc(END_SIZE)
  record.write('PK\x05\x06', 'latin1')
  record.writeUInt16LE(members, 8)
  record.writeUInt16LE(members, 10)
  record.writeUInt32LE(size, 12)
  record.writeUInt32LE(offset, 16)
  return record
}
