import { readFileSync } from 'node:fs'
import { gunzipSync, gzipSync } from 'node:zlib'
import { type ObjectInfo, type ObjectStore, parseDatasetId, readObject } from '@lake/core'
import { kraken } from '@lake/exchanges'
import { memoryStore } from '@lake/storage'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { discoverArchive } from './discover-archive.ts'
import { historyMonths } from './history-months.ts'
import { historyStore } from './history-store.ts'
import { wideZip } from './testing/wide-zip.ts'
import { writeZip } from './testing/write-zip.ts'

const PACKED = readFileSync(new URL('../../../fixtures/venues/kraken/XBTUSD_60.csv.gz', import.meta.url))
const REAL = gunzipSync(PACKED)
const HOUR = 'kraken/spot/klines/XBTUSD/1h'
const ZIP = await writeZip([
  { name: 'master_q4/', bytes: Buffer.alloc(0) },
  { name: 'master_q4/1INCHEUR_1440.csv', bytes: Buffer.from('1706745600,1,1,1,1,1,1\n') },
  { name: '__MACOSX/master_q4/._XBTUSD_60.csv', bytes: Buffer.from('no history') },
  { name: 'master_q4/XBTUSD_60.csv', bytes: REAL },
  { name: 'master_q4/readme.txt', bytes: Buffer.from('nor this') },
])

function open(base: ObjectStore): ObjectStore {
  const { archive } = kraken
  if (archive?.listing?.kind !== 'histories') throw new Error('Kraken publishes histories')
  return historyStore(base, archive, archive.listing)
}

async function folderOf(files: Readonly<Record<string, Uint8Array | string>>): Promise<ObjectStore> {
  const store = memoryStore()
  for (const [key, content] of Object.entries(files)) await store.put(key, Buffer.from(content))
  return store
}

async function listed(store: ObjectStore, prefix?: string): Promise<ObjectInfo[]> {
  const all: ObjectInfo[] = []
  for await (const info of store.list({ prefix })) all.push(info)
  return all
}

describe('a folder of histories', () => {
  test.each([
    ['as they are', 'Kraken/XBTUSD_60.csv', REAL],
    ['in gzip', 'XBTUSD_60.csv.gz', PACKED],
    ['in a zip of many', 'Kraken/Kraken_OHLCVT.zip', ZIP],
    ['in a zip of more than 4 GB', 'Kraken_OHLCVT.zip', wideZip(ZIP)],
  ])('%s is an archive of months, which together are its bytes', async (_, key, content) => {
    const store = open(await folderOf({ [key]: content, 'readme.txt': 'no history', '._XBTUSD_60.csv': 'nor this' }))
    const months = await listed(store, 'XBTUSD/')
    const parts = await Promise.all(months.map((info) => readObject(store, info.key)))
    expect(Buffer.concat(parts).equals(REAL)).toBe(true)
    for (const [index, { key: name, size }] of months.entries()) {
      expect(size).toBe(parts[index]?.length)
      const first = Number(
        Buffer.from(parts[index] ?? [])
          .toString()
          .split(',')[0],
      )
      expect(name).toBe(`XBTUSD/60/XBTUSD_60_${new Date(first * 1000).toISOString().slice(0, 7)}.csv`)
    }
    expect(months.length).toBeGreaterThan(2)
  })

  test('is searched for a dataset, and as a whole', async () => {
    const files = { 'XBTUSD_60.csv': '1483225200,1,1,1,1,1,1\n', 'ETHXBT_1.csv': '1483225200,1,1,1,1,1,1\n' }
    const source = open(await folderOf(files))
    const named = []
    const search = { adapter: kraken, source, datasets: [parseDatasetId(HOUR)] }
    for await (const file of discoverArchive(search)) named.push(file.key)
    expect(named).toEqual(['XBTUSD/60/XBTUSD_60_2016-12.csv'])
    const all = []
    for await (const { key } of discoverArchive({ adapter: kraken, source })) all.push(key)
    expect(all).toEqual(['ETHXBT/1/ETHXBT_1_2016-12.csv', 'XBTUSD/60/XBTUSD_60_2016-12.csv'])
  })

  test('gives ranges, heads, and nothing that is not there', async () => {
    const store = open(await folderOf({ 'XBTUSD_60.csv': '1483225200,1\n1483228800,22\n1483232400,333\n' }))
    const key = 'XBTUSD/60/XBTUSD_60_2017-01.csv'
    expect(Buffer.from(await readObject(store, key)).toString()).toBe('1483228800,22\n1483232400,333\n')
    const range = { start: 11, end: 13 }
    expect(Buffer.from(await readObject(store, key, { range })).toString()).toBe('22')
    expect(await store.head(key)).toMatchObject({ size: 29 })
    expect(await store.head('XBTUSD/60/XBTUSD_60_2018-01.csv')).toBeUndefined()
    await expect(store.get('XBTUSD/60/XBTUSD_60_2018-01.csv')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(store.get(key, { ifMatch: 'another' })).rejects.toMatchObject({ code: 'CONFLICT' })
    await expect(store.put(key, new Uint8Array())).rejects.toMatchObject({ code: 'READ_ONLY' })
    await expect(store.delete(key)).rejects.toMatchObject({ code: 'READ_ONLY' })
  })

  test.each([
    ['a month that comes back', '1483228800,1\n1483225200,1\n', 2, 'is of 2016-12, after 2017-01'],
    ['a header', 'time,open\n1483225200,1\n', 1, 'begins with no time'],
  ])('with %s is refused with its line', async (_, content, line, why) => {
    const store = open(await folderOf({ 'XBTUSD_60.csv': content }))
    await expect(listed(store)).rejects.toMatchObject({ code: 'BAD_ROW', details: { file: 'XBTUSD_60.csv', line } })
    await expect(listed(store)).rejects.toThrow(why)
  })

  test('with a month in two files, or a damaged one, is refused', async () => {
    const content = '1483225200,1\n'
    const double = open(await folderOf({ 'a/XBTUSD_60.csv': content, 'b/XBTUSD_60.csv': content }))
    await expect(listed(double)).rejects.toThrow('in a/XBTUSD_60.csv and in b/XBTUSD_60.csv')
    const cut = open(await folderOf({ 'XBTUSD_60.csv.gz': gzipSync(content).subarray(0, 20) }))
    await expect(listed(cut)).rejects.toMatchObject({ code: 'BAD_ARCHIVE' })
  })
})

describe('a zip of histories', () => {
  const one = [{ name: 'XBTUSD_60.csv', bytes: Buffer.from('1483225200,1\n1483228800,22\n') }]
  const key = 'XBTUSD/60/XBTUSD_60_2017-01.csv'

  test('is searched with the other files of its folder, and a month that is in two of them is refused', async () => {
    const zip = await writeZip(one)
    const store = open(await folderOf({ 'a.zip': zip, 'ETHXBT_1.csv': '1483225200,1\n' }))
    const keys = (await listed(store)).map((info) => info.key)
    expect(keys).toEqual(['ETHXBT/1/ETHXBT_1_2016-12.csv', 'XBTUSD/60/XBTUSD_60_2016-12.csv', key])
    expect(Buffer.from(await readObject(store, key, { range: { start: 11 } })).toString()).toBe('22\n')
    const double = open(await folderOf({ 'a.zip': zip, 'XBTUSD_60.csv': '1483225200,1\n' }))
    await expect(listed(double)).rejects.toThrow('in XBTUSD_60.csv and in XBTUSD_60.csv in a.zip')
  })

  test.each([
    ['without an end', (zip: Buffer) => zip.subarray(0, -1), 'a.zip has no end record'],
    ['without a beginning', (zip: Buffer) => zip.subarray(40), 'its directory is not where its end says'],
    ['with a damaged directory', (zip: Buffer) => changed(zip, zip.length - 22 - 59, 0), 'has a damaged directory'],
    ['with a damaged header', (zip: Buffer) => changed(zip, 0, 0), 'is not where the directory says'],
    ['with damaged bytes', (zip: Buffer) => changed(zip, 45, 0xff), 'XBTUSD_60.csv in a.zip cannot be unpacked'],
    ['with other bytes', (zip: Buffer) => changed(zip, zip.length - 22 - 59 + 16, 0), 'has another CRC-32'],
    ['with another size', (zip: Buffer) => changed(zip, zip.length - 22 - 59 + 24, 99), 'but declares 99'],
    ['with a password', (zip: Buffer) => changed(zip, zip.length - 22 - 59 + 8, 1), 'is encrypted'],
    ['packed otherwise', (zip: Buffer) => changed(zip, zip.length - 22 - 59 + 10, 14), 'is packed by method 14'],
  ])('%s is refused', async (_, damage, why) => {
    const store = open(await folderOf({ 'a.zip': damage(Buffer.from(await writeZip(one))) }))
    await expect(listed(store)).rejects.toMatchObject({ code: 'BAD_ARCHIVE' })
    await expect(listed(store)).rejects.toThrow(why)
  })

  test('that is damaged is left alone when its first file is no history, and only then', async () => {
    const folderWith = async (members: Parameters<typeof writeZip>[0]): Promise<ObjectStore> => {
      const cut = Buffer.from(await writeZip(members)).subarray(0, -1)
      return open(await folderOf({ 'cut.zip': cut, 'XBTUSD_60.csv': '1483228800,1\n' }))
    }
    const folder = { name: 'summer/', bytes: new Uint8Array() }
    const picture = { name: 'summer/beach.jpg', bytes: Buffer.from('JPEG') }
    const history = { name: 'summer/ETHXBT_1.csv', bytes: Buffer.from('1483225200,1\n') }
    expect((await listed(await folderWith([folder, picture, history]))).map((info) => info.key)).toEqual([key])
    const refused = { code: 'BAD_ARCHIVE', details: { file: 'cut.zip' } }
    for (const members of [[folder, history], [history, picture], [folder]]) {
      await expect(listed(await folderWith(members))).rejects.toMatchObject(refused)
    }
    const long = { name: `${'a'.repeat(65_520)}.jpg`, bytes: new Uint8Array() }
    await expect(listed(await folderWith([long]))).rejects.toMatchObject(refused)
  })

  test('of more than 4 GB with a damaged record of that is refused', async () => {
    const zip = wideZip(await writeZip(one))
    const record = zip.length - 22 - 20 - 56
    const store = open(await folderOf({ 'a.zip': changed(Buffer.from(zip), record, 0) }))
    await expect(listed(store)).rejects.toThrow('has a damaged zip64 end record')
    const far = open(await folderOf({ 'a.zip': changed(Buffer.from(zip), record + 56 + 8, 255) }))
    await expect(listed(far)).rejects.toThrow('has a damaged zip64 end record')
  })

  function changed(zip: Buffer, at: number, byte: number): Buffer {
    const copy = Buffer.from(zip)
    copy[at] = byte
    return copy
  }
})

test('months are the same however a history is cut into chunks', async () => {
  const reading = { file: 'x.csv', readTime: (line: string) => Number(line.split(',')[0]) * 1e6 || undefined }
  async function* cut(bytes: Buffer, size: number): AsyncGenerator<Uint8Array, void, undefined> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
  }
  const content = REAL.subarray(0, 20_000)
  const whole = await historyMonths(cut(content, content.length), reading)
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 5000 }), async (size) => {
      expect(await historyMonths(cut(content, size), reading)).toEqual(whole)
    }),
    { numRuns: 20 },
  )
})
