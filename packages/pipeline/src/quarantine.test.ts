import { type ExchangeAdapter, LakeError, type ObjectStore, readObject, type SourceColumn } from '@lake/core'
import { faultyStore } from '@lake/core/testing'
import { binance } from '@lake/exchanges'
import { writeZip } from '@lake/ingest-s5cmd/testing'
import { readParquet } from '@lake/parquet'
import { memoryStore } from '@lake/storage'
import { beforeEach, describe, expect, test } from 'vitest'
import {
  defineLake,
  type Lake,
  listQuarantine,
  type QuarantinedFile,
  replayQuarantine,
  type RunReport,
  runPipeline,
} from './index.ts'
import { contentOf, copySample, csvOf, MINUTES, publish } from './testing/fixtures.ts'

const DATASET = 'binance/spot/klines/BTCUSDT/1m'
const KEY = `${MINUTES}/BTCUSDT-1m-2020-01-01.zip`
const FOLDER = `_lake/quarantine/rows/${DATASET}/`

let archive: ObjectStore
let store: ObjectStore
let lines: string[]

beforeEach(async () => {
  archive = await copySample(`${MINUTES}/BTCUSDT-1m-2020-01-01`)
  store = memoryStore()
  lines = csvOf(await readObject(archive, KEY))
    .trimEnd()
    .split('\n')
})

/** What the lake holds, but for the notes on what failed, which explain its gaps. */
async function keysButNotes(): Promise<string[]> {
  return Object.keys(await contentOf(store, '')).filter((key) => !key.startsWith('_lake/failures/'))
}

describe('bad lines of a file', () => {
  test('are put aside, counted and listed, and the others become rows', async () => {
    await publishLines(spoiled())
    const report = await take(defineLake({ lake: store }))
    expect(report.failures).toEqual([])
    expect(report.datasets[0]).toMatchObject({ rows: 1439, quarantined: 1, rowsMissing: 1 })
    expect(report.datasets[0]?.counts).toMatchObject({ quarantined_rows: 1 })
    expect(await manifestCounts()).toEqual([{ quarantined_rows: 1 }])
    const [file, ...others] = await listed(defineLake({ lake: store }))
    expect(others).toEqual([])
    expect(file).toMatchObject({
      key: `bronze/binance/archive/${KEY}`,
      rows: [{ file: 'BTCUSDT-1m-2020-01-01.csv', line: 11, column: 'close', value: '7l94.87', text: spoiled()[10] }],
    })
  })

  test('lie in Parquet that anyone reads', async () => {
    await publishLines(spoiled())
    await take(defineLake({ lake: store }))
    const [key = ''] = Object.keys(await contentOf(store, FOLDER))
    const table = await readParquet(await readObject(store, key))
    expect(table.schema.names).toEqual(['file', 'line', 'column', 'value', 'reason', 'text'])
    expect(String(table.getChild('reason')?.get(0))).toBe('is not a decimal number')
  })

  test('are told again by a run that has nothing to do', async () => {
    await publishLines(spoiled())
    const lake = defineLake({ lake: store })
    await take(lake)
    const content = await contentOf(store, '')
    expect((await take(lake)).datasets[0]).toMatchObject({ partitions: 0, quarantined: 1 })
    expect(await contentOf(store, '')).toEqual(content)
  })

  test.each([0, 0.0001])('refuse the file past the limit %d, and nothing is left behind', async (quarantineLimit) => {
    await publishLines(spoiled())
    const { failures } = await take(defineLake({ lake: store, quarantineLimit }))
    expect(failures[0]?.error).toMatchObject({
      code: 'BAD_ROW',
      details: { line: 11, column: 'close', value: '7l94.87' },
    })
    expect(await keysButNotes()).toEqual([])
  })

  test.each([-0.1, 1.1, Number.NaN])('a limit of %d is refused', (quarantineLimit) => {
    expect(() => defineLake({ lake: store, quarantineLimit })).toThrow('share from 0 to 1')
  })

  test('of a file that was accepted once are accepted again, whatever the limit is by then', async () => {
    await publishLines(spoiled())
    await take(defineLake({ lake: store, quarantineLimit: 0.01 }))
    // The other day makes the month anew, out of both files.
    for await (const { key } of (await copySample()).list({ prefix: `${MINUTES}/BTCUSDT-1m-2020-01-03` })) {
      await archive.put(key, await readObject(await copySample(), key))
    }
    const report = await take(defineLake({ lake: store, quarantineLimit: 0 }))
    expect(report.failures).toEqual([])
    expect(report.datasets[0]).toMatchObject({ rows: 2879, quarantined: 1 })
  })

  test('leave no trace when the disk is full before the commit', async () => {
    await publishLines(spoiled())
    const full = new LakeError('NO_SPACE', 'The disk is full. Nothing was changed.')
    const lake = faultyStore(store, {
      fail: (operation, key) => (operation === 'put' && key.startsWith('_lake/manifests/') ? full : undefined),
    })
    expect((await take(defineLake({ lake }))).failures[0]?.error.code).toBe('NO_SPACE')
    expect(await keysButNotes()).toEqual([])
  })

  test('a crash between quarantine and commit leaves what the next run puts there anyway', async () => {
    await publishLines(spoiled())
    const whole = memoryStore()
    await take(defineLake({ lake: whole }))
    // The process dies: nothing after the quarantine reaches the store, not even what tidies up.
    let isDead = false
    const mortal = faultyStore(store, {
      fail: (operation, key) => {
        isDead ||= operation === 'put' && key.startsWith('silver/')
        return isDead ? new LakeError('UNAVAILABLE', 'the process is gone') : undefined
      },
    })
    await take(defineLake({ lake: mortal })).catch(() => undefined)
    expect(Object.keys(await contentOf(store, '')).filter((key) => key.startsWith('silver/'))).toEqual([])
    expect(Object.keys(await contentOf(store, FOLDER))).toHaveLength(1)
    await take(defineLake({ lake: store }))
    const places = ['bronze/', 'silver/', 'gold/', '_lake/quarantine/']
    expect(await contentOf(store, ...places)).toEqual(await contentOf(whole, ...places))
  })

  test('are gone when a restatement of the file has none', async () => {
    await publishLines(spoiled())
    const lake = defineLake({ lake: store })
    await take(lake)
    await publishLines(lines)
    expect((await take(lake)).datasets[0]).toMatchObject({ rows: 1440, quarantined: 0 })
    expect(await listed(lake)).toEqual([])
  })
})

describe('a replay', () => {
  test('makes rows of what a corrected description reads, and ends as if it had been right at once', async () => {
    // No volume of takers, with a sign that the description as it is does not allow.
    const signed = lines.with(10, (lines[10] ?? '').split(',').with(9, '-0.00000000').join(','))
    await publishLines(signed)
    await take(defineLake({ lake: store }))
    const corrected = withFormats((column) =>
      column.name === 'taker_buy_volume' ? { ...column, signed: true } : column,
    )
    const lake = defineLake({ lake: store, exchanges: [corrected] })
    const { datasets, failures } = await replayQuarantine(lake)
    expect(failures).toEqual([])
    expect(datasets).toEqual([
      {
        id: DATASET,
        ...{ files: 1, filesLeft: 0, quarantined: 1, quarantinedLeft: 0 },
        ...{ rowsAdded: 1, partitionsChanged: 1, blocked: [] },
      },
    ])
    expect(await listed(lake)).toEqual([])
    const whole = memoryStore()
    await take(defineLake({ lake: whole, exchanges: [corrected] }))
    const places = ['bronze/', 'silver/', 'gold/', '_lake/quarantine/']
    expect(await contentOf(store, ...places)).toEqual(await contentOf(whole, ...places))
    expect(await manifestCounts()).toEqual([{}])
    expect((await replayQuarantine(lake)).datasets).toEqual([])
  })

  test('changes nothing where nothing was corrected', async () => {
    await publishLines(spoiled())
    const lake = defineLake({ lake: store })
    await take(lake)
    const content = await contentOf(store, '')
    const { datasets } = await replayQuarantine(lake, { datasets: [DATASET] })
    expect(datasets[0]).toMatchObject({ quarantined: 1, quarantinedLeft: 1, rowsAdded: 0, partitionsChanged: 0 })
    expect(await contentOf(store, '')).toEqual(content)
    expect((await replayQuarantine(lake, { datasets: ['binance/um/trades/BTCUSDT'] })).datasets).toEqual([])
  })

  test('takes away what no file in bronze stands behind', async () => {
    await publishLines(spoiled())
    const lake = defineLake({ lake: store })
    await take(lake)
    await store.delete(`bronze/binance/archive/${KEY}`)
    for await (const { key } of store.list({ prefix: '_lake/manifests/' })) await store.delete(key)
    await replayQuarantine(lake)
    expect(await listed(lake)).toEqual([])
  })

  test('reports a dataset whose file is gone, and leaves it as it was', async () => {
    await publishLines(spoiled())
    const lake = defineLake({ lake: store })
    await take(lake)
    await store.delete(`bronze/binance/archive/${KEY}`)
    const { datasets, failures } = await replayQuarantine(lake)
    expect(datasets).toEqual([])
    expect(failures).toMatchObject([{ id: DATASET, error: { code: 'NOT_FOUND' } }])
    expect(await listed(lake)).toHaveLength(1)
  })
})

function spoiled(): string[] {
  const cells = (lines[10] ?? '').split(',')
  return lines.with(10, cells.with(4, '7l94.87').join(','))
}

async function publishLines(rows: readonly string[]): Promise<void> {
  const bytes = new TextEncoder().encode(`${rows.join('\n')}\n`)
  await publish(archive, KEY, await writeZip([{ name: 'BTCUSDT-1m-2020-01-01.csv', bytes }]))
}

async function take(lake: Lake): Promise<RunReport> {
  return runPipeline(lake, { source: archive, datasets: [DATASET] })
}

async function listed(lake: Lake): Promise<QuarantinedFile[]> {
  const files: QuarantinedFile[] = []
  for await (const file of listQuarantine(lake)) files.push(file)
  return files
}

async function manifestCounts(): Promise<unknown[]> {
  const counts: unknown[] = []
  for await (const { files } of defineLake({ lake: store }).ledger.manifests({ prefix: '_lake/manifests/klines/' })) {
    counts.push(...files.map((file) => file.counts))
  }
  return counts
}

/** Binance with other columns of its minute bars. */
function withFormats(change: (column: SourceColumn) => SourceColumn): ExchangeAdapter {
  const formats = binance.formats?.map((format) =>
    format.dataType === 'klines' ? { ...format, columns: format.columns.map(change) } : format,
  )
  return { ...binance, formats }
}
