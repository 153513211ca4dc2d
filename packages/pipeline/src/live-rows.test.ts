import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type DatasetId, integerValues, parseDatasetId, type RawPage } from '@lake/core'
import { binance } from '@lake/exchanges'
import { readFrames, recordLive } from '@lake/ingest-ccxt'
import { startVenue } from '@lake/ingest-ccxt/testing'
import { parsePageTables } from '@lake/parse'
import { openStore } from '@lake/storage'
import { expect, test } from 'vitest'

const FRAMES = new URL('../../../fixtures/frames/binance-um-2026-08-08.jsonl', import.meta.url)

test('recorded frames become rows of every stream, with the times of now', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lake-live-rows-'))
  await using venue = await startVenue()
  try {
    const datasets = [
      parseDatasetId('binance/um/liquidations/STGUSDT'),
      parseDatasetId('binance/um/aggTrades/BTCUSDT'),
      parseDatasetId('binance/um/klines/BTCUSDT/1m'),
    ]
    const target = openStore('memory:')
    const stop = new AbortController()
    const options = { adapter: binance, datasets, target, spool: join(folder, 'spool'), signal: stop.signal }
    const recording = recordLive({ ...options, baseUrl: venue.url.replace('http', 'ws') })
    while (venue.connections.flatMap(({ streams }) => streams).length < 3) await delay(10)
    await delay(100)
    const sentAt = await sendAll((frame) => venue.send(frame))
    await delay(100)
    stop.abort()
    expect(await recording).toMatchObject({ frames: 4, unclaimed: 0, malformed: 0 })

    for (const dataset of datasets) {
      const { report, times } = await rowsOf(dataset)
      expect(report).toMatchObject({ rows: 1, outside: 0, otherFrames: 0 })
      expect(report.filtered).toBe(dataset.dataType === 'klines' ? 1 : 0)
      expect(times).toEqual([BigInt(sentAt) * 1000n])
    }

    async function rowsOf(dataset: DatasetId) {
      const range = { from: sentAt * 1000 - 1, to: sentAt * 1000 + 1 }
      const pages: RawPage[] = []
      for await (const page of readFrames({ store: target, dataset, range })) pages.push(page)
      const { report, tables } = await parsePageTables({ pages, dataset, series: binance.live?.channels ?? [] })
      return { report, times: tables.flatMap(({ table }) => [...integerValues(table, 'ts_event')]) }
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}, 30_000)

/** Sends each recorded frame as if it came now, the bar also before it is closed. */
async function sendAll(send: (frame: { stream: string; data: string }) => number): Promise<number> {
  const now = Math.floor(Date.now() / 60_000) * 60_000
  const lines = (await readFile(FRAMES, 'utf8')).trimEnd().split('\n')
  for (const line of lines) {
    const stream = /^\{"stream":"([^"]+)"/.exec(line)?.[1]
    if (stream === undefined) continue
    // Event times become now; the bar's close keeps its distance.
    const data = line
      .slice(line.indexOf('"data":') + 7, -1)
      .replace(/"t":\d+, "T":\d+/, `"t":${now}, "T":${now + 59_999}`)
      .replace(/"T":\d+(,"m"|,"ps")/, `"T":${now}$1`)
    if (data.includes('"x":true')) send({ stream, data: data.replace('"x":true', '"x":false') })
    send({ stream, data })
  }
  return now
}
