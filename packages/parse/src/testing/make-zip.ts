import { crc32, deflateRawSync } from 'node:zlib'

/** One member of a zip that is made by hand; what is not given is right. */
export interface ZipPart {
  readonly name: string
  readonly content: string | Uint8Array
  readonly stored?: boolean
  /** Put in place of the true values. */
  readonly method?: number
  readonly flags?: number
  readonly size?: number
  readonly compressedSize?: number
  readonly crc32?: number
  readonly offset?: number
  readonly localName?: string
  readonly localMethod?: number
  readonly localSize?: number
  readonly compressed?: Uint8Array
  /** Sizes behind the data, as writers of streams do it. */
  readonly descriptor?: boolean
  /** Sizes and offset in the zip64 field. */
  readonly wide?: boolean
  /** Another extra field in front of the zip64 one. */
  readonly extra?: Uint8Array
}

export interface ZipShape {
  readonly comment?: string
  /** With a zip64 end record and its locator. */
  readonly wideEnd?: boolean
  readonly wideEndAt?: number
  /** Put in place of the true values of the end record. */
  readonly members?: number
  readonly directoryStart?: number
}

/** A zip of these members. */
export function makeZip(parts: readonly ZipPart[], shape: ZipShape = {}): Buffer {
  const bodies: Buffer[] = []
  const entries: Buffer[] = []
  let offset = 0
  for (const part of parts) {
    const content = Buffer.from(part.content)
    const data = Buffer.from(part.compressed ?? (part.stored === true ? content : deflateRawSync(content)))
    const method = part.method ?? (part.stored === true ? 0 : 8)
    const flags = part.flags ?? (part.descriptor === true ? 8 : 0)
    const crc = part.crc32 ?? crc32(content)
    const size = part.size ?? content.length
    const compressedSize = part.compressedSize ?? data.length
    const behind = part.descriptor === true
    const localName = Buffer.from(part.localName ?? part.name)
    const local = Buffer.concat([
      u32(0x04034b50),
      u16(20),
      u16(flags),
      u16(part.localMethod ?? method),
      u32(0),
      u32(behind ? 0 : crc),
      u32(behind ? 0 : compressedSize),
      u32(behind ? 0 : (part.localSize ?? Math.min(size, 0xffffffff))),
      u16(localName.length),
      u16(0),
      localName,
      data,
      behind ? Buffer.concat([u32(0x08074b50), u32(crc), u32(data.length), u32(content.length)]) : Buffer.alloc(0),
    ])
    const wide = part.wide === true
    const at = part.offset ?? offset
    const wideField = wide ? Buffer.concat([u16(1), u16(24), u64(size), u64(compressedSize), u64(at)]) : Buffer.alloc(0)
    const extra = Buffer.concat([part.extra ?? Buffer.alloc(0), wideField])
    const name = Buffer.from(part.name)
    entries.push(
      Buffer.concat([
        u32(0x02014b50),
        u16(20),
        u16(20),
        u16(flags),
        u16(method),
        u32(0),
        u32(crc),
        u32(wide ? 0xffffffff : compressedSize),
        u32(wide ? 0xffffffff : size),
        u16(name.length),
        u16(extra.length),
        u16(0),
        u16(0),
        u16(0),
        u32(0),
        u32(wide ? 0xffffffff : at),
        name,
        extra,
      ]),
    )
    bodies.push(local)
    offset += local.length
  }
  const directory = Buffer.concat(entries)
  const start = shape.directoryStart ?? offset
  const members = shape.members ?? parts.length
  const wideEnd = Buffer.concat([
    u32(0x06064b50),
    u64(44),
    u16(45),
    u16(45),
    u32(0),
    u32(0),
    u64(members),
    u64(members),
    u64(directory.length),
    u64(start),
    u32(0x07064b50),
    u32(0),
    u64(shape.wideEndAt ?? offset + directory.length),
    u32(1),
  ])
  const isWide = shape.wideEnd === true
  const comment = Buffer.from(shape.comment ?? '')
  const end = Buffer.concat([
    u32(0x06054b50),
    u16(0),
    u16(0),
    u16(isWide ? 0xffff : members),
    u16(isWide ? 0xffff : members),
    u32(isWide ? 0xffffffff : directory.length),
    u32(isWide ? 0xffffffff : start),
    u16(comment.length),
    comment,
  ])
  return Buffer.concat([...bodies, directory, ...(isWide ? [wideEnd] : []), end])
}

function u16(value: number): Buffer {
  return Buffer.of(value & 0xff, (value >> 8) & 0xff)
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return bytes
}
