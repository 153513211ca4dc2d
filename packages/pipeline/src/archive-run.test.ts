import { parseDatasetId, parseInstant, parseTimeRange } from '@lake/core'
import { generateKlineArchive, serveArchive } from '@lake/ingest-s5cmd/testing'
import { memoryStore } from '@lake/storage'
import { describe, expect, test } from 'vitest'
import { defineLake, planRun, runPipeline } from './index.ts'
import { contentOf, SAMPLE } from './testing/fixtures.ts'
import { SAMPLE_DATASETS } from './testing/sample-datasets.ts'

const MINUTES = 'binance/spot/klines/BTCUSDT/1m'

describe('an archive behind HTTP that answers like the public one', () => {
  test('gives the same lake as the folder, page by page', async () => {
    await using server = await serveArchive({ root: SAMPLE, pageSize: 2 })
    const [near, far] = [memoryStore(), memoryStore()]
    await runPipeline(defineLake({ lake: near }), { source: SAMPLE, datasets: SAMPLE_DATASETS })
    const { failures } = await runPipeline(defineLake({ lake: far }), { source: server.url, datasets: SAMPLE_DATASETS })
    expect(failures).toEqual([])
    expect(await contentOf(far, 'bronze/', 'silver/', 'gold/')).toEqual(
      await contentOf(near, 'bronze/', 'silver/', 'gold/'),
    )
    expect(server.requests.length).toBeGreaterThan(10)
  })

  test('takes whole months from monthly files, and the days at the edge from daily ones', async () => {
    const archive = memoryStore()
    const dataset = parseDatasetId(MINUTES)
    await generateKlineArchive({ target: archive, dataset, from: parseInstant('2024-11-01'), months: 3, seed: 1 })
    const from = parseInstant('2025-01-01')
    await generateKlineArchive({ target: archive, dataset, from, rows: 10 * 1440, seed: 1, cut: 'day' })
    await using server = await serveArchive({ store: archive, pageSize: 3 })
    const lake = defineLake({ lake: memoryStore() })
    const request = { source: server.url, datasets: [MINUTES], range: parseTimeRange('2024-11-01', '2025-01-04') }

    const plan = await planRun(lake, request)
    const labels = plan.datasets[0]?.months.flatMap(({ files }) => files.map(({ period }) => period.label))
    expect(labels).toEqual(['2024-11', '2024-12', '2025-01-01', '2025-01-02', '2025-01-03'])

    const report = await runPipeline(lake, request)
    expect(report.failures).toEqual([])
    expect(report.datasets[0]).toMatchObject({ rows: (30 + 31 + 3) * 1440, gaps: 0, rowsMissing: 0 })
    expect(report.datasets[0]).toMatchObject({ first: '2024-11-01T00:00:00Z', last: '2025-01-03T23:59:00Z' })
  })

  test('without a listing is probed for the range', async () => {
    await using server = await serveArchive({ root: SAMPLE, hasListing: false })
    const lake = defineLake({ lake: memoryStore() })
    const range = parseTimeRange('2020-01-01', '2020-01-04')
    const report = await runPipeline(lake, { source: server.url, datasets: [MINUTES], range })
    expect(report.failures).toEqual([])
    expect(report.datasets[0]?.rows).toBe(4320)
  })
})

test('a million candles come in with no manual step', async () => {
  const archive = memoryStore()
  const hole = parseTimeRange('2023-07-01T12:00:00Z', '2023-07-01T12:05:00Z')
  const from = parseInstant('2023-02-10')
  const dataset = parseDatasetId(MINUTES)
  await generateKlineArchive({ target: archive, dataset, from, rows: 1_000_000, seed: 7, holes: [hole] })
  const lake = defineLake({ lake: memoryStore() })
  const progress: string[] = []
  const report = await runPipeline(
    lake,
    { source: archive, datasets: [MINUTES], range: { from, to: from + 1_000_000 * 60_000_000 }, gold: ['1h'] },
    { onProgress: ({ stage, done, total }) => progress.push(`${stage} ${done}/${total}`) },
  )
  expect(report.failures).toEqual([])
  expect(report.datasets[0]).toMatchObject({ rows: 999_995, gaps: 1, rowsMissing: 5, filesUnverified: 0 })
  // The last monthly file claims its whole month, so the hour of which it holds 40 minutes is made too.
  expect(report.datasets[0]?.gold['1h']).toBe(Math.ceil(1_000_000 / 60))
  expect(progress).toContain('silver 24/24')
  expect(progress.at(-1)).toBe('gold 24/24')
}, 120_000)
