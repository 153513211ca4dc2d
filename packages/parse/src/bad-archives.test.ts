import { randomBytes } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import { LakeError, parseDatasetId, parsePeriod } from '@lake/core'
import { describe, expect, test } from 'vitest'
import { parseArchive, parseArchiveFile } from './index.ts'
import { makeZip, type ZipPart, type ZipShape } from './testing/make-zip.ts'
import { formats } from './testing/real-files.ts'

/*
 * Every way in which a zip is bad, in one small file that is read at once and in one above 8 MiB that is read as it
 * comes: both are refused with the same code and words, or give the same rows.
 */
const period = parsePeriod('2024-01-01')
const file = {
  name: 'BTCUSDT-1m-2024-01-01.zip',
  dataset: parseDatasetId('binance/um/klines/BTCUSDT/1m'),
  period,
  formats,
}
const NAME = file.name.replace('.zip', '.csv')
const ROWS = 260

/** Bars whose last column, which may be any text, is so long; of noise, so that a zip of them stays large. */
function klines(length: number): ZipPart {
  const noise = randomBytes(Math.ceil((ROWS * length) / 2)).toString('hex')
  const rows = Array.from({ length: ROWS }, (_, row) => {
    const open = period.from / 1000 + row * 60_000
    return `${open},1.5,2.5,0.5,1,10,${open + 59_999},15,3,5,7.5,${noise.slice(row * length, (row + 1) * length)}\n`
  })
  const content = Buffer.from(rows.join(''))
  return { name: NAME, content, size: content.length, compressed: deflateRawSync(content, { level: 1 }) }
}

const small = klines(2)
const large = klines(65_000)
const zeros = deflateRawSync(Buffer.alloc(2 ** 24, '0'))

interface Case {
  readonly what: string
  readonly part?: Partial<ZipPart>
  readonly shape?: ZipShape
  /** What it is refused for; absent when it is read. */
  readonly why?: string | RegExp
  readonly code?: RegExp
}

const PLAIN_NAME = 'which is no plain file name'
const CONTRADICTION = 'contradicts itself: the header of its member differs from its directory'

const CASES: readonly Case[] = [
  { what: 'a bomb that says what it is', part: { size: 4e9 }, why: 'to 4000000000: that is no market data' },
  { what: 'a bomb that says it is small', part: { size: 1000 }, why: 'unpacks to more than the 1000 bytes' },
  {
    what: 'a bomb with zip64 sizes',
    part: { size: 2 ** 50, wide: true },
    why: 'unpacks to 1125899906842624 bytes, more than the 8589934592 that are allowed',
  },
  { what: 'zip64 sizes', part: { wide: true } },
  { what: 'zip64 sizes in both headers', part: { wide: true, localSize: 0xffffffff } },
  { what: 'a zip64 end record', shape: { wideEnd: true } },
  {
    what: 'a zip64 end record elsewhere',
    shape: { wideEnd: true, wideEndAt: 7 },
    why: 'has a damaged zip64 end record',
  },
  { what: 'a local header with another name', part: { localName: 'BTCUSDT-1m-2024-01-02.csv' }, why: CONTRADICTION },
  {
    what: 'a local header with another method',
    part: { localMethod: 0 },
    // Read as it comes, the first line is that of a CSV which is not compressed.
    why: /contradicts itself|is not text|line 1/,
    code: /^BAD_/,
  },
  { what: 'a local header with another size', part: { localSize: 0 }, why: /contradicts itself|unpacks to more than/ },
  { what: 'a local header elsewhere', part: { offset: 4 }, why: 'has no member where its directory says' },
  { what: 'sizes behind the data', part: { descriptor: true } },
  { what: 'a stored entry', part: { stored: true } },
  {
    what: 'a stored entry that says it is smaller',
    part: { stored: true, size: 10 },
    why: 'unpacks to more than the 10',
  },
  { what: 'an absolute name', part: { name: '/etc/passwd' }, why: PLAIN_NAME },
  { what: 'an absolute name of Windows', part: { name: `C:\\${NAME}` }, why: PLAIN_NAME },
  { what: 'a name above its folder', part: { name: `../${NAME}` }, why: PLAIN_NAME },
  { what: 'a name that is a folder above', part: { name: '..' }, why: PLAIN_NAME },
  { what: 'a name above its folder, in its middle', part: { name: `x/../../${NAME}` }, why: PLAIN_NAME },
  { what: 'another name', part: { name: 'x.csv' }, why: `holds x.csv, but ${NAME} is expected`, code: /^WRONG_FILE$/ },
  { what: 'an encrypted member', part: { flags: 1 }, why: 'is encrypted' },
  { what: 'a strongly encrypted member', part: { flags: 0x40 }, why: 'is encrypted' },
  { what: 'a wrong CRC-32', part: { crc32: 1 }, why: 'but declares 00000001: it is damaged' },
]

describe.each([
  { how: 'at once', member: small, above: 0, read: atOnce },
  { how: 'as it comes', member: large, above: 8 * 2 ** 20, read: asItComes },
])('a zip that is read $how', ({ member, above, read }) => {
  test.each(CASES)('with $what', async ({ part, shape, why, code = /^BAD_ARCHIVE$/ }) => {
    const { compressed = new Uint8Array(0), ...own } = { ...member, ...part }
    const bytes = makeZip([own.stored === true ? own : { ...own, compressed }], shape)
    expect(bytes.length).toBeGreaterThan(above)
    const result = await outcome(() => read(bytes))
    if (why === undefined) {
      expect(result).toBe(ROWS)
      return
    }
    if (!LakeError.is(result)) throw new Error('nothing was refused')
    expect(result.code).toMatch(code)
    expect(result.message).toMatch(why)
    expect(result.details['file']).toMatch(/^BTCUSDT-1m-2024-01-01\.(zip|csv)$/)
  })
})

test('a bomb that claims no more than market data does is left where that is exceeded', async () => {
  const bytes = makeZip([{ name: NAME, content: '', compressed: zeros, size: 2 ** 21, crc32: 0 }])
  const result = await outcome(() => asItComes(bytes))
  expect(result).toHaveProperty('code', 'BAD_ARCHIVE')
  expect(String(result)).toContain('unpacks to more than the 2097152 bytes')
})

async function atOnce(bytes: Buffer): Promise<number> {
  return (await parseArchiveFile({ ...file, bytes })).report.rows
}

async function asItComes(bytes: Buffer): Promise<number> {
  let rows = 0
  for await (const { table } of parseArchive({ ...file, source: pieces(bytes) })) rows += table.numRows
  return rows
}

/** The number of rows, or the error that refused them. */
async function outcome(read: () => Promise<number>): Promise<unknown> {
  try {
    return await read()
  } catch (error) {
    if (LakeError.is(error)) return error
    throw error
  }
}

async function* pieces(bytes: Buffer): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += 2 ** 18) yield bytes.subarray(at, at + 2 ** 18)
}
