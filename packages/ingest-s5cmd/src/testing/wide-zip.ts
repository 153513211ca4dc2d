const END_SIZE = 22
const CENTRAL_SIZE = 46

/** The same zip in the form of one of more than 4 GB: sizes and places in zip64 fields, and the end in a record of its own. */
export function wideZip(zip: Uint8Array): Uint8Array {
  const bytes = Buffer.from(zip)
  const end = bytes.length - END_SIZE
  const count = bytes.readUInt16LE(end + 10)
  const start = bytes.readUInt32LE(end + 16)
  const entries: Buffer[] = []
  for (let at = start, index = 0; index < count; index++) {
    const length = CENTRAL_SIZE + bytes.readUInt16LE(at + 28)
    entries.push(wideEntry(bytes.subarray(at, at + length)))
    at += length
  }
  const directory = Buffer.concat(entries)
  const record = Buffer.alloc(56)
  record.write('PK\x06\x06', 'latin1')
  record.writeBigUInt64LE(44n, 4)
  for (const [at, value] of [
    [24, count],
    [32, count],
    [40, directory.length],
    [48, start],
  ] as const)
    record.writeBigUInt64LE(BigInt(value), at)
  const locator = Buffer.alloc(20)
  locator.write('PK\x06\x07', 'latin1')
  locator.writeBigUInt64LE(BigInt(start + directory.length), 8)
  locator.writeUInt32LE(1, 16)
  const last = Buffer.from(bytes.subarray(end))
  last.fill(0xff, 8, 20)
  return Buffer.concat([bytes.subarray(0, start), directory, record, locator, last])
}

function wideEntry(entry: Buffer): Buffer {
  const copy = Buffer.from(entry)
  // A field of another kind stands in front, as tools write them.
  const extra = Buffer.alloc(4 + 4 + 4 + 24)
  extra.writeUInt16LE(0x5455, 0)
  extra.writeUInt16LE(4, 2)
  extra.writeUInt16LE(1, 8)
  extra.writeUInt16LE(24, 10)
  for (const [index, at] of [24, 20, 42].entries()) {
    extra.writeBigUInt64LE(BigInt(copy.readUInt32LE(at)), 12 + index * 8)
    copy.writeUInt32LE(0xffffffff, at)
  }
  copy.writeUInt16LE(extra.length, 30)
  return Buffer.concat([copy, extra])
}
