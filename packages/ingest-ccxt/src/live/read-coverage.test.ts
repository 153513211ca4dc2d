import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { bronzeFrameKey, bronzeFramePrefix, type ObjectStore, parseDatasetId, parseInstant } from '@lake/core'
import { openStore } from '@lake/storage'
import { beforeEach, describe, expect, test } from 'vitest'
import { readCoverage, readFrames } from '../index.ts'
import { eventLine, frameLine, type RecordEvent } from './frame-line.ts'

const DATASET = parseDatasetId('binance/um/liquidations/BTCUSDT')
const DAY = parseInstant('2026-05-08')
const SECOND = 1_000_000
const RANGE = { from: DAY, to: DAY + 100 * SECOND }

let store: ObjectStore

beforeEach(() => {
  store = openStore('memory:')
})

type Line = readonly [second: number, event: RecordEvent | string]

const OPEN: RecordEvent = {
  event: 'open',
  format: 1,
  session: 'a',
  dataset: 'binance/um/liquidations/BTCUSDT',
  channel: 'frames',
  link: '0',
}
const COVERED: RecordEvent = { event: 'covered' }
const CLOSE: RecordEvent = { event: 'close' }
const lost = (second: number, reason: string): RecordEvent => ({ event: 'lost', since: DAY + second * SECOND, reason })

/** Puts a recording into bronze; a text is a frame. */
async function put(lines: readonly Line[], dataset = DATASET): Promise<void> {
  const parts = lines.flatMap(([second, event]) => {
    const at = DAY + second * SECOND
    return typeof event === 'string' ? frameLine(at, Buffer.from(event)) : [eventLine(at, event)]
  })
  const body = gzipSync(Buffer.concat(parts))
  const instants = lines.map(([second]) => DAY + second * SECOND)
  const range = { from: Math.min(...instants), to: Math.max(...instants) }
  const sha256 = createHash('sha256').update(body).digest('hex')
  await store.put(bronzeFrameKey(dataset, { series: 'frames', range, sha256 }), body)
}

const seconds = (ranges: readonly { readonly from: number; readonly to: number }[]): [number, number][] =>
  ranges.map(({ from, to }) => [(from - DAY) / SECOND, (to - DAY) / SECOND])

describe('readCoverage', () => {
  test('nothing recorded is one gap', async () => {
    expect(await readCoverage({ store, dataset: DATASET, range: RANGE })).toEqual({
      covered: [],
      gaps: [{ ...RANGE, reason: 'not recorded' }],
    })
  })

  test('files that follow one another are one coverage; what was lost is a gap with its reason', async () => {
    await put([
      [10, OPEN],
      [11, COVERED],
      [20, CLOSE],
    ])
    await put([
      [20, OPEN],
      [20, COVERED],
      [35, lost(30, 'the connection broke')],
      [40, COVERED],
      [50, CLOSE],
    ])
    await put([
      [50, OPEN],
      [50, COVERED],
      [60, lost(60, 'stopped')],
      [60, CLOSE],
    ])
    const { covered, gaps } = await readCoverage({ store, dataset: DATASET, range: RANGE })
    expect(seconds(covered)).toEqual([
      [11, 30],
      [40, 60],
    ])
    expect(seconds(gaps)).toEqual([
      [0, 11],
      [30, 40],
      [60, 100],
    ])
    expect(gaps.map(({ reason }) => reason)).toEqual(['not recorded', 'the connection broke', 'stopped'])
  })

  test('recorders add up, within the range that was asked for', async () => {
    await put([[5, OPEN], [5, COVERED], [50, CLOSE]]) // prettier-ignore
    await put([[40, OPEN], [40, COVERED], [120, CLOSE]]) // prettier-ignore
    const range = { from: DAY + 10 * SECOND, to: RANGE.to }
    const { covered, gaps } = await readCoverage({ store, dataset: DATASET, range })
    expect(seconds(covered)).toEqual([[10, 100]])
    expect(gaps).toEqual([])
  })

  test('a malformed frame is a hole of its instant', async () => {
    await put([
      [0, OPEN],
      [0, COVERED],
      [50, { event: 'malformed', text: '{' }],
      [100, CLOSE],
    ])
    const { covered, gaps } = await readCoverage({ store, dataset: DATASET, range: RANGE })
    expect(covered).toHaveLength(2)
    expect(gaps).toEqual([{ from: DAY + 50 * SECOND, to: DAY + 50 * SECOND + 1, reason: 'a malformed frame' }])
  })

  test.each([
    ['no gzip', Buffer.from('F1\t{}\n')],
    ['no lines', gzipSync('what is this\n')],
    ['an event of nobody', gzipSync('E1\t{"event":"party"}\n')],
    ['an event that is no JSON', gzipSync('E1\t{\n')],
  ])('an object that is no recording is named: %s', async (_, body) => {
    const key = `${bronzeFramePrefix(DATASET, '2026-05-08')}frames.${DAY}-${DAY + 1}.${'0'.repeat(64)}.frames.gz`
    await store.put(key, body)
    const reading = readCoverage({ store, dataset: DATASET, range: RANGE })
    await expect(reading).rejects.toMatchObject({ code: 'CORRUPT_LAKE', details: { key } })
  })
})

describe('readFrames', () => {
  const collect = async (range: { from: number; to: number }, dataset = DATASET): Promise<string[]> => {
    const bodies: string[] = []
    for await (const { body, key, lines, envelope } of readFrames({ store, dataset, range })) {
      expect(lines).toBe(true)
      expect(key).toContain(envelope.sha256)
      bodies.push(Buffer.from(body).toString('utf8'))
    }
    return bodies
  }

  test('gives a page an object, a line a frame, by the instant of receipt within an hour', async () => {
    await put([
      [1, OPEN],
      [1, COVERED],
      [2, '{"a":1}'],
      [3, '{\r\n"a":2}'],
      [4, CLOSE],
    ])
    await put([
      [7300, OPEN],
      [7301, '{"a":3}'],
      [7302, CLOSE],
    ])
    expect(await collect(RANGE)).toEqual(['{"a":1}\n{  "a":2}\n'])
    expect(await collect({ from: DAY + 7000 * SECOND, to: DAY + 8000 * SECOND })).toEqual(['{"a":3}\n'])
    expect(await collect({ from: DAY - 3000 * SECOND, to: DAY })).toHaveLength(1)
    expect(await collect({ from: DAY - 4000 * SECOND, to: DAY - 3700 * SECOND })).toEqual([])
  })

  test('looks for bars until they have ended', async () => {
    const days = parseDatasetId('binance/um/klines/BTCUSDT/1d')
    await put(
      [
        [89_000, OPEN],
        [89_000, '{"bar":1}'],
        [89_001, CLOSE],
      ],
      days,
    )
    expect(await collect({ from: DAY, to: DAY + SECOND }, days)).toEqual(['{"bar":1}\n'])
  })

  test('an object that is no recording is named', async () => {
    await store.put(
      `${bronzeFramePrefix(DATASET, '2026-05-08')}frames.${DAY}-${DAY + 1}.${'0'.repeat(64)}.frames.gz`,
      gzipSync('what is this\n'),
    )
    await expect(collect(RANGE)).rejects.toMatchObject({ code: 'CORRUPT_LAKE' })
  })
})
