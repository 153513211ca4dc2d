import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LakeError, type ObjectStore, parseDatasetId, parseInstant } from '@lake/core'
import { openStore } from '@lake/storage'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readCoverage } from '../index.ts'
import { closeSession, openSession, recoverSessions, signAlive } from './live-session.ts'
import { uploadRecording } from './upload-recording.ts'

const DATASET = parseDatasetId('binance/um/liquidations/BTCUSDT')
const START = parseInstant('2026-05-08T10:00:00Z')
const SECOND = 1_000_000
const OPEN = `E${START}\t{"event":"open","format":1,"session":"s","dataset":"binance/um/liquidations/BTCUSDT","channel":"c","link":"0"}\n`
const COVERED = `E${START}\t{"event":"covered"}\n`
/** No process has this number: it is above what Linux gives. */
const DEAD = 99_999_999

let spool = ''
let store: ObjectStore

beforeEach(async () => {
  spool = await mkdtemp(join(tmpdir(), 'lake-session-'))
  store = openStore('memory:')
})

afterEach(async () => {
  await rm(spool, { recursive: true, force: true })
})

/** A session as a crash leaves it. */
async function crashed(file: string, alive: string | undefined, pid = DEAD): Promise<string> {
  const folder = join(spool, `${START}-${pid}`)
  await mkdir(folder)
  await writeFile(join(folder, '0-0.frames'), file)
  if (alive !== undefined) await writeFile(join(folder, 'alive'), alive)
  return folder
}

const coverage = () => readCoverage({ store, dataset: DATASET, range: { from: START, to: START + 100 * SECOND } })

describe('a crashed session', () => {
  test('is covered up to its last sign of life, without the line that was cut', async () => {
    await crashed(
      `${OPEN}${COVERED}F${START + SECOND}\t{}\nF${START + 2 * SECOND}\t{"cu`,
      `{"0":${START + 5 * SECOND}}`,
    )
    expect(await recoverSessions(spool, store)).toEqual({ sessions: 1, frames: 1, objects: 1 })
    const { covered, gaps } = await coverage()
    expect(covered).toEqual([{ from: START, to: START + 5 * SECOND }])
    expect(gaps[0]?.reason).toBe('the recorder crashed')
    expect(await readdir(spool)).toEqual([])
  })

  test.each([undefined, 'what', '{"1":5}'])(
    'is covered up to its last frame when it left no sign: %s',
    async (alive) => {
      await crashed(`${OPEN}${COVERED}F${START + SECOND}\t{}\n`, alive)
      await recoverSessions(spool, store)
      expect((await coverage()).covered).toEqual([{ from: START, to: START + SECOND }])
    },
  )

  test('that was not covered stays so', async () => {
    const lost = `E${START + SECOND}\t{"event":"lost","since":${START + SECOND},"reason":"x"}\n`
    await crashed(`${OPEN}${COVERED}${lost}`, `{"0":${START + 50 * SECOND}}`)
    await recoverSessions(spool, store)
    expect((await coverage()).covered).toEqual([{ from: START, to: START + SECOND }])
  })

  test('with an empty file leaves nothing', async () => {
    await crashed('', '{}')
    expect(await recoverSessions(spool, store)).toEqual({ sessions: 1, frames: 0, objects: 0 })
    expect(await readdir(spool)).toEqual([])
  })

  test('waits for the next recorder when the store does not answer', async () => {
    await crashed(`${OPEN}${COVERED}F${START + SECOND}\t{}\n`, '{}')
    const away: ObjectStore = {
      url: 'memory:',
      list: (options) => store.list(options),
      get: (key, options) => store.get(key, options),
      head: (key, options) => store.head(key, options),
      delete: (key, options) => store.delete(key, options),
      put: () => Promise.reject(new LakeError('UNAVAILABLE', 'later')),
    }
    expect(await recoverSessions(spool, away)).toEqual({ sessions: 1, frames: 0, objects: 0 })
    expect(await readdir(spool)).toEqual([`${START}-${process.pid}-taken-left`])
    expect(await recoverSessions(spool, store)).toEqual({ sessions: 1, frames: 1, objects: 1 })
  })

  test('whose object is in bronze already gives no second one', async () => {
    const file = `${OPEN}${COVERED}E${START + SECOND}\t{"event":"close"}\n`
    const first = await crashed(file, '{}')
    const done = await uploadRecording(join(first, '0-0.frames'), store)
    await rm(first, { recursive: true })
    await crashed(file, '{}')
    expect(await recoverSessions(spool, store)).toMatchObject({ objects: 1 })
    const keys: string[] = []
    for await (const { key } of store.list()) keys.push(key)
    expect(keys).toEqual([done.key])
  })
})

describe('a session that runs', () => {
  test('is left alone, as are folders of others', async () => {
    const session = await openSession(spool, START)
    await mkdir(join(spool, 'notes'))
    await writeFile(join(spool, '1-2'), 'a file')
    expect(await recoverSessions(spool, store)).toEqual({ sessions: 0, frames: 0, objects: 0 })
    await closeSession(session.folder, true)
    expect((await readdir(spool)).sort()).toEqual(['1-2', 'notes'])
  })

  test('is taken over when it has not signed for a minute', async () => {
    const { folder } = await openSession(spool, START)
    await signAlive(folder, new Map([['0', START]]))
    const before = new Date(Date.now() - 61_000)
    await utimes(join(folder, 'alive'), before, before)
    expect(await recoverSessions(spool, store)).toMatchObject({ sessions: 1 })
  })

  test('is left alone when it has not signed yet, or is another user’s', async () => {
    await crashed(OPEN, undefined, process.pid)
    await mkdir(join(spool, `${START}-1`))
    await writeFile(join(spool, `${START}-1`, 'alive'), '{}')
    expect(await recoverSessions(spool, store)).toMatchObject({ sessions: 0 })
  })
})
