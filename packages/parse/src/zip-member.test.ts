import { describe, expect, test } from 'vitest'
import { parseArchiveFile } from './index.ts'
import { makeZip, type ZipPart, type ZipShape } from './testing/make-zip.ts'
import { realFile } from './testing/real-files.ts'

const hours = realFile('binance/spot/klines/BTCUSDT/1h', '2026-05-08')
const member: ZipPart = { name: 'BTCUSDT-1h-2026-05-08.csv', content: hours.csv }
const zip = makeZip([member])
const copy: ZipPart = { ...member, name: `fsx-data/collector_data/${member.name}` }

describe('a zip is read', () => {
  test.each<[string, Buffer]>([
    ['that is deflated', zip],
    ['that is stored', makeZip([{ ...member, stored: true }])],
    ['with its sizes behind the data', makeZip([{ ...member, descriptor: true }])],
    ['with zip64 sizes', makeZip([{ ...member, wide: true }])],
    [
      'with zip64 sizes behind another extra field',
      makeZip([{ ...member, wide: true, extra: Buffer.of(9, 9, 1, 0, 7) }]),
    ],
    ['with a zip64 end record', makeZip([member], { wideEnd: true })],
    ['with a comment', makeZip([member], { comment: 'as published' })],
    ['with a copy in a folder, as some months of 2021 have it', makeZip([member, copy])],
    ['with a copy in front of it', makeZip([copy, member])],
    [
      'with copies whose sizes stand behind the data',
      makeZip([member, copy].map((part) => ({ ...part, descriptor: true }))),
    ],
    ['with an end record quoted in its comment', makeZip([member], { comment: 'PK\u0005\u0006 is not the end of it' })],
  ])('%s', async (_, bytes) => {
    const { report } = await parseArchiveFile({ ...hours, bytes })
    expect(report).toMatchObject({ rows: 24, bytes: hours.csv.length })
  })

  test('whose name has letters beyond ASCII', async () => {
    const name = '币安人生USDT-1h-2026-05-08.zip'
    const bytes = makeZip([{ ...member, name: name.replace('.zip', '.csv') }])
    await expect(parseArchiveFile({ ...hours, name, bytes })).resolves.toHaveProperty('report.rows', 24)
  })

  test('that is a part of a larger buffer', async () => {
    const bytes = Buffer.concat([Buffer.from('before'), zip, Buffer.from('after')]).subarray(6, 6 + zip.length)
    await expect(parseArchiveFile({ ...hours, bytes })).resolves.toHaveProperty('report.rows', 24)
  })
})

describe('a zip is refused', () => {
  const bad = (part: Partial<ZipPart>, shape?: ZipShape): Buffer => makeZip([{ ...member, ...part }], shape)
  const zeros = 'a'.repeat(4 * 2 ** 20)

  test.each<[string, Buffer, string]>([
    ['that is empty', Buffer.alloc(0), 'is empty'],
    [
      'that is an error page',
      Buffer.from('<?xml version="1.0"?><Error>'),
      `is not a zip file: it begins with '<?xml version="1'`,
    ],
    ['that is three bytes', Buffer.from('\u0000\u0001\n'), "is not a zip file: it begins with '\\u{0}\\u{1}\\u{a}'"],
    ['that is cut off', zip.subarray(0, 1000), 'is cut off after 1000 bytes'],
    ['without its last byte', zip.subarray(0, -1), `is cut off after ${zip.length - 1} bytes`],
    ['cut off in its comment', bad({}, { comment: 'long' }).subarray(0, -1), 'is cut off'],
    ['with bytes behind its end', Buffer.concat([zip, Buffer.from('xyz')]), 'has 3 bytes behind its end'],
    ['with bytes before its begin', Buffer.concat([Buffer.from('xyz'), zip]), 'has bytes missing or left over'],
    ['with bytes in its middle', bad({}, { directoryStart: 99 }), 'has bytes missing or left over'],
    ['with two members', makeZip([member, { ...member, name: 'other.csv' }]), 'holds 2 members, not one CSV file'],
    ['with a copy and another member', makeZip([member, copy, { ...member, name: 'x.csv' }]), 'holds 3 members'],
    [
      'with a copy that is none',
      makeZip([member, { ...copy, content: hours.csv.slice(0, 300) }]),
      'holds BTCUSDT-1h-2026-05-08.csv twice, with other content (3950 and 300 bytes)',
    ],
    ['with two copies in folders', makeZip([copy, { ...copy, name: `y/${member.name}` }]), 'holds 2 members'],
    ['with the same name twice', makeZip([member, member]), 'holds 2 members'],
    [
      'with a copy that covers it',
      makeZip([member, { ...copy, offset: 60 }]),
      'has bytes missing or left over between',
    ],
    ['with more copies than anybody packs', makeZip(Array.from({ length: 9 }, () => member)), 'holds 9 members'],
    ['with a folder', makeZip([{ name: 'data/', content: '' }, member]), 'holds 2 members, not one CSV file'],
    ['with nothing in it', makeZip([]), 'holds 0 members, not one CSV file'],
    [
      'with a second member that its end record hides',
      makeZip([member, member], { members: 1 }),
      'has a directory that is not that of one member',
    ],
    ['with a member that its directory lacks', makeZip([], { members: 1 }), 'has a damaged directory'],
    [
      'with a member above its folder',
      bad({ name: '../BTCUSDT-1h-2026-05-08.csv' }),
      "holds '../BTCUSDT-1h-2026-05-08.csv', which is no plain file name",
    ],
    ['with an absolute member', bad({ name: '/etc/passwd' }), "holds '/etc/passwd', which is no plain file name"],
    ['with a backslash in its member', bad({ name: '..\\BTCUSDT-1h-2026-05-08.csv' }), 'which is no plain file name'],
    ['with a drive in its member', bad({ name: 'C:x.csv' }), 'which is no plain file name'],
    ['with a member in a folder', bad({ name: 'x/BTCUSDT-1h-2026-05-08.csv' }), 'which is no plain file name'],
    ['with a member that is a folder', bad({ name: 'x/', content: '' }), 'which is no plain file name'],
    ['with a member without name', bad({ name: '' }), "holds '', which is no plain file name"],
    ['with a control character in its member', bad({ name: 'a\u0000b.csv' }), "holds 'a\\u{0}b.csv'"],
    ['that is encrypted', bad({ flags: 1 }), 'is encrypted'],
    ['that is strongly encrypted', bad({ flags: 0x40 }), 'is encrypted'],
    [
      'with an unknown method',
      bad({ method: 12 }),
      'uses compression method 12; only 0 (stored) and 8 (deflated) are known',
    ],
    ['whose local header has another method', bad({ localMethod: 0 }), 'contradicts itself'],
    ['whose local header has another name', bad({ localName: 'BTCUSDT-1h-2026-05-09.csv' }), 'contradicts itself'],
    ['whose member is elsewhere', bad({ offset: 4 }), 'has no member where its directory says'],
    ['whose member is nowhere', makeZip([member], {}).fill(0, 0, 4), 'has no member where its directory says'],
    ['with a compressed size that is too small', bad({ compressedSize: 10 }), 'has bytes missing or left over between'],
    [
      'with a compressed size that is too large',
      bad({ compressedSize: 1e6 }),
      'has bytes missing or left over between',
    ],
    [
      'with a declared size that is too small',
      bad({ size: 3949 }),
      'unpacks to more than the 3949 bytes that it declares',
    ],
    ['with a declared size that is too large', bad({ size: 3951 }), 'unpacks to 3950 bytes, but declares 3951'],
    [
      'stored with a declared size that is too small',
      bad({ stored: true, size: 10 }),
      'unpacks to more than the 10 bytes',
    ],
    ['with a wrong CRC-32', bad({ crc32: 0x12345678 }), 'but declares 12345678: it is damaged'],
    [
      'with damaged data',
      bad({ compressed: Buffer.from('\u00ff\u00ffnot deflated') }),
      'cannot be unpacked: its compressed data are damaged',
    ],
    [
      'with data that are cut off',
      bad({ compressed: makeZip([member]).subarray(55, 155) }),
      'is cut off: its compressed data have no end',
    ],
    ['that claims too much for its size', bad({ size: 1e9 }), 'to 1000000000: that is no market data'],
    ['that is a small bomb', bad({ content: zeros }), 'to 4194304: that is no market data'],
    [
      'with zip64 sizes beyond all limits',
      bad({ wide: true, size: 2 ** 50 }),
      'unpacks to 1125899906842624 bytes, more than the 8589934592 that are allowed',
    ],
    ['with a zip64 end record elsewhere', bad({}, { wideEnd: true, wideEndAt: 7 }), 'has a damaged zip64 end record'],
  ])('%s', async (_, bytes, message) => {
    const result = expect(parseArchiveFile({ ...hours, bytes })).rejects
    await result.toMatchObject({ code: 'BAD_ARCHIVE', details: { file: 'BTCUSDT-1h-2026-05-08.zip' } })
    await result.toThrow(message)
    await result.toThrow(/^BTCUSDT-1h-2026-05-08\.zip .* Nothing of this file was taken; /)
  })

  test('that unpacks to more than the caller allows', async () => {
    await expect(parseArchiveFile({ ...hours, maxBytes: 3949 })).rejects.toThrow(
      'unpacks to 3950 bytes, more than the 3949 that are allowed',
    )
  })

  test.each([
    ['another symbol', 'ETHUSDT-1h-2026-05-08.zip'],
    ['another day', 'BTCUSDT-1h-2026-05-09.zip'],
    ['another interval', 'data/spot/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2026-05-08.zip'],
  ])('whose name is that of %s: both names are named', async (_, name) => {
    const archive = name.slice(name.lastIndexOf('/') + 1)
    const expected = archive.replace('.zip', '.csv')
    const result = expect(parseArchiveFile({ ...hours, name })).rejects
    await result.toMatchObject({
      code: 'WRONG_FILE',
      details: { file: archive, member: 'BTCUSDT-1h-2026-05-08.csv', expected },
    })
    await result.toThrow(`${archive} holds BTCUSDT-1h-2026-05-08.csv, but ${expected} is expected`)
  })
})
