import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type ObjectInfo, readObject } from '@lake/core'
import { kraken } from '@lake/exchanges'
import { openStore } from '@lake/storage'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { historyStore } from './history-store.ts'
import { writeHugeZip } from './testing/write-huge-zip.ts'

const IS_NIGHT = process.env['LAKE_NIGHTLY'] === '1'
/** More than 32 bits can say, of the zip in front of a history and, in a night, of the history itself. */
const WIDE = 2 ** 32
const MONTHS = 24
/** Lines as long as may be: this is about bytes, not rows. */
const LINE = 60_000
const LINES = IS_NIGHT ? Math.ceil(WIDE / LINE / MONTHS) + 10 : 3
const MEGABYTE = 2 ** 20

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lake-huge-zip-'))
})

afterEach(async () => {
  await rm(folder, { recursive: true })
})

test('a history in a zip beyond 4 GiB is read month by month as it streams', async () => {
  const path = join(folder, 'Kraken_OHLCVT.zip')
  await writeHugeZip(path, { name: 'master/XBTUSD_60.csv', content: history, hole: WIDE })
  expect((await stat(path)).size).toBeGreaterThan(WIDE)
  const { archive } = kraken
  if (archive?.listing?.kind !== 'histories') return expect.fail('Kraken publishes histories')
  const store = historyStore(openStore(pathToFileURL(folder).href), archive, archive.listing)
  const before = process.memoryUsage().rss
  let peak = before
  const clock = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 50)
  const months: ObjectInfo[] = []
  try {
    for await (const month of store.list({ prefix: 'XBTUSD/60/' })) months.push(month)
    const last = months.at(-1)
    const range = { start: 0, end: 11 }
    expect(Buffer.from(await readObject(store, last?.key ?? '', { range })).toString()).toBe(
      lineOf(MONTHS - 1).slice(0, 11),
    )
  } finally {
    clearInterval(clock)
  }
  expect(months.map(({ size }) => size)).toEqual(Array.from({ length: MONTHS }, () => LINE * LINES))
  if (IS_NIGHT) expect(months.reduce((sum, { size }) => sum + size, 0)).toBeGreaterThan(WIDE)
  expect((peak - before) / MEGABYTE).toBeLessThan(200)
}, 600_000)

function* history(): Generator<Uint8Array, void, undefined> {
  for (let month = 0; month < MONTHS; month++) {
    const line = Buffer.from(lineOf(month))
    for (let row = 0; row < LINES; row++) yield line
  }
}

function lineOf(month: number): string {
  return `${Date.UTC(2020, month, 1) / 1000},1,1,1,1,1,`.padEnd(LINE - 1, '1') + '\n'
}
