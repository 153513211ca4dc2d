import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { parseInstant, readObject } from '@lake/core'
import { writeZip } from '@lake/ingest-s5cmd/testing'
import { memoryStore } from '@lake/storage'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { defineLake, runPipeline } from './index.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lake-histories-'))
})

afterAll(async () => {
  await rm(folder, { recursive: true })
})

/** Bars of 60 minutes as Kraken's history has them, from the first moment to before the last. */
function hours(from: string, to: string): string {
  const lines: string[] = []
  for (let at = parseInstant(from); at < parseInstant(to); at += 3_600_000_000)
    lines.push(`${at / 1e6},42000,42010,41990,42000,1.5,3\n`)
  return lines.join('')
}

test.each([
  ['as it is', 'XBTUSD_60.csv', (text: string) => Buffer.from(text)],
  ['in gzip', 'XBTUSD_60.csv.gz', (text: string) => gzipSync(text)],
  ['in a zip', 'Kraken_OHLCVT.zip', (text: string) => writeZip([{ name: 'XBTUSD_60.csv', bytes: Buffer.from(text) }])],
])('of a longer history, %s, only the months that differ are made anew', async (_, name, pack) => {
  const source = await mkdtemp(join(folder, 'source-'))
  const store = memoryStore()
  const lake = defineLake({ lake: store })
  const run = async (text: string) => {
    await writeFile(join(source, name), await pack(text))
    const request = { source: pathToFileURL(source).href, datasets: ['kraken/spot/klines/XBTUSD/1h'] }
    const { datasets, failures } = await runPipeline(lake, { ...request, gold: ['1d'] })
    expect(failures).toEqual([])
    const [report] = datasets
    const written: string[] = []
    for await (const { key } of store.list()) {
      const label = /\/(\d{4}-\d\d)\.parquet$/.exec(key)?.[1]
      const text = Buffer.from(await readObject(store, key)).toString('base64')
      if (label !== undefined && files.get(key) !== text) written.push(`${key.slice(0, key.indexOf('/'))} ${label}`)
      files.set(key, text)
    }
    return { partitions: report?.partitions, skipped: report?.skipped, moved: report?.filesTransferred, written }
  }
  const files = new Map<string, string>()

  const first = hours('2023-12-01', '2024-01-16')
  expect(await run(first)).toMatchObject({ partitions: 4, skipped: 0, moved: 2 })
  // Downloaded again: another time of change, the same bytes.
  expect(await run(first)).toEqual({ partitions: 0, skipped: 4, moved: 0, written: [] })
  // January is longer and February is new: their silver and gold, and nothing of the months before.
  expect(await run(hours('2023-12-01', '2024-02-03'))).toEqual({
    ...{ partitions: 4, skipped: 2, moved: 2 },
    written: ['gold 2024-01', 'gold 2024-02', 'silver 2024-01', 'silver 2024-02'],
  })
  // A month in front moves the bytes of all the others.
  expect(await run(hours('2023-11-01', '2024-02-03'))).toEqual({
    ...{ partitions: 2, skipped: 6, moved: 1 },
    written: ['gold 2023-11', 'silver 2023-11'],
  })
})
