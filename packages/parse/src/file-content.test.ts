import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { LakeError, parseDatasetId, parsePeriod } from '@lake/core'
import { getExchange } from '@lake/exchanges'
import { describe, expect, test } from 'vitest'
import { parseArchive, type ParseOptions } from './index.ts'
import { makeZip, type ZipPart, type ZipShape } from './testing/make-zip.ts'

const ROWS = 6000
const period = parsePeriod('2026-01-01')
/** Rows with a cell of noise each, so that few of them make a file that stays large when it is compressed. */
const csv = Buffer.from(
  Array.from({ length: ROWS }, (_, row) => {
    const noise = createHash('shake256', { outputLength: 750 }).update(String(row)).digest('base64')
    return `${period.from / 1e6 + row},${row},0.${row}1,${row}.5,2,${noise}\n`
  }).join(''),
)
// What is above 8 MiB is read as it comes.
const large = Buffer.concat([csv, csv])

const formats = (getExchange('gate').formats ?? []).map((format) => ({
  ...format,
  columns: [...format.columns, { name: 'noise', kind: 'ignored' as const }],
}))
const gate = {
  name: 'spot/deals/202601/BTC_USDT-202601.csv.gz',
  dataset: parseDatasetId('gate/spot/trades/BTC_USDT'),
  period: parsePeriod('2026-01'),
  formats,
}
const zipped = {
  ...gate,
  name: 'BTC_USDT-202601.zip',
  formats: formats.map((format) => ({ ...format, container: 'zip-csv' as const })),
}
const plain = {
  ...gate,
  name: 'BTC_USDT-202601.csv',
  formats: formats.map((format) => ({ ...format, container: 'csv' as const })),
}

describe('a gzip file', () => {
  const small = gzipSync(csv.subarray(0, csv.indexOf('\n', 60_000) + 1))

  const big = gzipSync(large)

  test('is read at once and as a stream, and so is a plain CSV', async () => {
    expect(big.length).toBeGreaterThan(8 * 2 ** 20)
    expect(await rowsOf({ ...gate, source: small })).toBeGreaterThan(50)
    expect(await rowsOf({ ...gate, source: gzipSync(csv) })).toBe(ROWS)
    expect(await rowsOf({ ...gate, source: pieces(big), sha256: sha256(big) })).toBe(2 * ROWS)
    expect(await rowsOf({ ...gate, source: big })).toBe(2 * ROWS)
    expect(await rowsOf({ ...plain, source: large })).toBe(2 * ROWS)
    expect(await rowsOf({ ...plain, source: pieces(large) })).toBe(2 * ROWS)
  }, 60_000)

  test.each<[string, Buffer, RegExp]>([
    [
      'that is an error page',
      Buffer.from('<html>not found</html>'),
      /is not a gzip file: it begins with '<html>not found<'/,
    ],
    ['without a byte', Buffer.alloc(0), /is empty/],
    ['that is cut off', small.subarray(0, -20), /is cut off: its compressed data have no end/],
    ['that is damaged', damaged(small), /cannot be unpacked|has something behind its end|column|unpacks to more/],
    [
      'with bytes behind its end',
      Buffer.concat([small, Buffer.from('x')]),
      /has something behind its end|unpacks to more|is cut off/,
    ],
    ['with a second member', Buffer.concat([small, small]), /than it declares: it has a second member, or/],
    ['that is a bomb', gzipSync(Buffer.alloc(8 * 2 ** 20, '1')), /that is no market data/],
    ['that says it is smaller than it is', lying(small), /unpacks to more bytes than it declares/],
  ])('%s is refused', async (_, source, message) => {
    const error = await refusalOf({ ...gate, source })
    expect(error.code).toMatch(/BAD_ARCHIVE|BAD_ROW/)
    expect(error.message).toMatch(message)
  })

  test('that is cut off, damaged or too large is refused as a stream', async () => {
    expect((await refusalOf({ ...gate, source: pieces(big.subarray(0, -1000)) })).message).toMatch(/is cut off/)
    expect((await refusalOf({ ...gate, source: pieces(Buffer.concat([big, big])) })).message).toMatch(/second member/)
    for (const source of [pieces(big), small]) {
      expect((await refusalOf({ ...gate, source, maxBytes: 1000 })).message).toMatch(/more than the 1000 bytes/)
    }
  }, 60_000)

  test('has a name that says so', async () => {
    const error = await refusalOf({ ...gate, source: small, name: 'x.zip' })
    expect(error.message).toBe("'x.zip' is not the name of a csv.gz file.")
  })
})

describe('a large zip that comes as a stream', () => {
  const member: ZipPart = { name: 'BTC_USDT-202601.csv', content: large }
  const zip = makeZip([member])
  const { data, crc32, size } = partsOf(zip)
  const bad = (part: Partial<ZipPart>, shape?: ZipShape): Buffer =>
    makeZip([{ ...member, content: '', compressed: data, crc32, size, ...part }], shape)

  test('is read as it comes, also where only its directory says how long it is', async () => {
    expect(zip.length).toBeGreaterThan(8 * 2 ** 20)
    expect(await rowsOf({ ...zipped, source: pieces(zip), sha256: sha256(zip) })).toBe(2 * ROWS)
    expect(await rowsOf({ ...zipped, source: pieces(bad({ descriptor: true })) })).toBe(2 * ROWS)
    expect(await rowsOf({ ...zipped, source: pieces(makeZip([{ ...member, stored: true }])) })).toBe(2 * ROWS)
  }, 60_000)

  test('is read beside a copy of itself in a folder, and refused when that has other content', async () => {
    const copy = { ...member, name: `fsx-data/data/${member.name}` }
    expect(await rowsOf({ ...zipped, source: pieces(makeZip([member, copy])) })).toBe(2 * ROWS)
    expect(await rowsOf({ ...zipped, source: pieces(makeZip([copy, member])) })).toBe(2 * ROWS)
    const other = makeZip([member, { ...copy, content: csv }])
    expect((await refusalOf({ ...zipped, source: pieces(other) })).message).toMatch(/twice, with other content/)
  }, 60_000)

  test.each<[string, Buffer, string | RegExp]>([
    ['with bytes behind its end', Buffer.concat([zip, Buffer.from('xyz')]), 'has 3 bytes behind its end'],
    ['that is cut off', zip.subarray(0, -1000), /is cut off|unpacks to/],
    ['with another name in its directory', bad({ localName: 'BTC_USDT-202602.csv' }), 'contradicts itself'],
    ['with a wrong CRC-32', bad({ crc32: 1 }), 'but declares 00000001'],
    ['with a size that is too small', bad({ size: size - 1 }), 'unpacks to more than'],
    ['with a directory that begins elsewhere', bad({}, { directoryStart: 99 }), 'has bytes missing or left over'],
    ['that is no zip', Buffer.alloc(9 * 2 ** 20, '<'), "is not a zip file: it begins with '<<<<"],
  ])(
    '%s is refused',
    async (_, source, message) => {
      const error = await refusalOf({ ...zipped, source: pieces(source) })
      expect(error.code).toBe('BAD_ARCHIVE')
      expect(error.message).toMatch(message)
    },
    60_000,
  )

  test('whose bytes are not the published ones is refused for that, whatever else is wrong', async () => {
    const error = await refusalOf({ ...zipped, source: pieces(damaged(zip)), sha256: sha256(zip) })
    expect(error.code).toBe('CHECKSUM_MISMATCH')
    const other = await refusalOf({ ...zipped, source: pieces(zip), sha256: sha256(csv) })
    expect(other.code).toBe('CHECKSUM_MISMATCH')
  }, 60_000)

  test('is closed when the reader leaves', async () => {
    let closed = false
    async function* source(): AsyncGenerator<Uint8Array, void, undefined> {
      try {
        yield* pieces(zip)
      } finally {
        closed = true
      }
    }
    for await (const { table } of parseArchive({ ...zipped, source: source(), batchRows: 10 })) {
      expect(table.numRows).toBe(10)
      break
    }
    expect(closed).toBe(true)
  }, 60_000)
})

async function rowsOf(options: ParseOptions<typeof gate.dataset.dataType>): Promise<number> {
  let rows = 0
  for await (const { table } of parseArchive(options)) rows += table.numRows
  return rows
}

async function refusalOf(options: ParseOptions<typeof gate.dataset.dataType>): Promise<LakeError> {
  const error: unknown = await rowsOf(options).catch((thrown: unknown) => thrown)
  if (LakeError.is(error)) return error
  throw new Error(`not refused: ${String(error)}`)
}

async function* pieces(bytes: Buffer): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += 100_003) yield bytes.subarray(at, at + 100_003)
}

function damaged(bytes: Buffer): Buffer {
  return Buffer.from(bytes).fill(0xff, bytes.length >> 1, (bytes.length >> 1) + 64)
}

/** With another length in the last four bytes. */
function lying(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes)
  copy.writeUInt32LE(10, copy.length - 4)
  return copy
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function partsOf(zip: Buffer): { size: number; data: Buffer; crc32: number } {
  const start = 30 + zip.readUInt16LE(26)
  return {
    crc32: zip.readUInt32LE(14),
    size: zip.readUInt32LE(22),
    data: zip.subarray(start, start + zip.readUInt32LE(18)),
  }
}
