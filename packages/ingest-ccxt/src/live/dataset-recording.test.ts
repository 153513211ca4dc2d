import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseDatasetId, parseInstant } from '@lake/core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DatasetRecording } from './dataset-recording.ts'

let folder = ''
let closed: string[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lake-recording-'))
  closed = []
})

afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

const SECOND = 1_000_000
const EVENING = parseInstant('2026-05-08T23:59:50Z')
const MIDNIGHT = parseInstant('2026-05-09')
const pending = { bytes: 0 }

function recording(everyMicros = 3600 * SECOND): DatasetRecording {
  return new DatasetRecording({
    ...{ dataset: parseDatasetId('binance/um/liquidations/BTCUSDT'), channel: 'c', link: '0', session: 's' },
    ...{ folder, name: 'x', rotate: { everyMicros, bytes: 1_000_000 }, pending },
    onClosed: (path) => closed.push(path),
  })
}

const linesOf = async (path: string): Promise<string[]> =>
  (await readFile(path, 'utf8')).split('\n').map((line) => line.replace(/"session.*/, ''))

test('a day ends at midnight to the microsecond, also when nothing comes', async () => {
  const one = recording()
  one.covered(EVENING)
  one.tick(MIDNIGHT + 3 * SECOND)
  one.frame(MIDNIGHT + 4 * SECOND, Buffer.from('{}'))
  await one.close(MIDNIGHT + 5 * SECOND)
  expect(closed).toHaveLength(2)
  expect(await linesOf(closed[0] ?? '')).toEqual([
    `E${EVENING}\t{"event":"open","format":1,`,
    `E${EVENING}\t{"event":"covered"}`,
    `E${MIDNIGHT}\t{"event":"close"}`,
    '',
  ])
  expect(await linesOf(closed[1] ?? '')).toEqual([
    `E${MIDNIGHT}\t{"event":"open","format":1,`,
    `E${MIDNIGHT}\t{"event":"covered"}`,
    `F${MIDNIGHT + 4 * SECOND}\t{}`,
    `E${MIDNIGHT + 5 * SECOND}\t{"event":"close"}`,
    '',
  ])
  expect(pending.bytes).toBe(0)
})

test('a quiet file waits for midnight, one with frames for its time', async () => {
  const one = recording(10 * SECOND)
  const morning = MIDNIGHT + 100 * SECOND
  one.covered(morning)
  one.tick(morning + 60 * SECOND)
  await one.flush()
  expect(closed).toEqual([])
  one.frame(morning + 61 * SECOND, Buffer.from('{}'))
  one.tick(morning + 62 * SECOND)
  await one.flush()
  expect(closed).toHaveLength(1)
  await one.close(morning + 63 * SECOND)
  expect(closed).toHaveLength(2)
})

test('what was never covered cannot be lost, and a recording without a line has no file', async () => {
  const one = recording()
  one.lost(EVENING, EVENING, 'nothing')
  one.tick(EVENING)
  await one.close(EVENING)
  expect(closed).toEqual([])
  expect(one.gaps).toBe(0)
})
