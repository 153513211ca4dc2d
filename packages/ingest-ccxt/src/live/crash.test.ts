import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseDatasetId } from '@lake/core'
import { binance } from '@lake/exchanges'
import { fileStore } from '@lake/storage'
import { bundleProgram } from '@lake/core/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readCoverage, readFrames, recordLive } from '../index.ts'
import { startVenue, type Venue } from '../testing/index.ts'
import { recordedFrames } from '../testing/recorded-frames.ts'

const DATASET = parseDatasetId('binance/um/aggTrades/BTCUSDT')
const SECOND = 1_000_000

let folder = ''
let program = ''
let venue: Venue
const children: ChildProcess[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lake-record-crash-'))
  program = join(folder, 'record-child.mjs')
  await bundleProgram({
    program: new URL('../child-programs/record-child.ts', import.meta.url),
    outfile: program,
    external: ['ccxt', 'bufferutil'],
  })
  venue = await startVenue()
}, 60_000)

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  await venue.close()
  await rm(folder, { recursive: true, force: true })
})

test.each([300, 700, 1500])(
  'a recorder that is killed after %i ms loses less than a second, and knows it',
  async (millis) => {
    const home = join(folder, String(millis))
    const [lake, spool] = [join(home, 'lake'), join(home, 'spool')]
    const target = fileStore({ root: lake })
    const child = startChild(lake, spool)
    await subscribed()
    const sent = await sendFor(millis)
    child.kill('SIGKILL')
    const killedAt = Date.now() * 1000
    await new Promise((resolve) => child.once('exit', resolve))
    expect(await readdir(spool)).toHaveLength(1)

    const stop = new AbortController()
    const options = { adapter: binance, datasets: [DATASET], target, spool, signal: stop.signal }
    const recording = recordLive({ ...options, baseUrl: venue.url.replace('http', 'ws') })
    await subscribed()
    stop.abort()
    const { recovered } = await recording
    expect(recovered.sessions).toBe(1)
    expect(await readdir(spool)).toEqual([])

    const range = { from: killedAt - 60 * SECOND, to: killedAt + 60 * SECOND }
    const held = new Set<number>()
    for await (const { body } of readFrames({ store: target, dataset: DATASET, range })) {
      for (const line of Buffer.from(body).toString('utf8').split('\n')) {
        if (line !== '') held.add(Number(/"a":(\d+)/.exec(line)?.[1]))
      }
    }
    const due = sent.filter(({ at }) => at < killedAt - SECOND)
    expect(due.filter(({ id }) => !held.has(id))).toEqual([])
    const { covered, gaps } = await readCoverage({ store: target, dataset: DATASET, range })
    const [first] = covered
    expect(gaps.map(({ reason }) => reason)).toContain('the recorder crashed')
    // What is called covered is there: nothing that was sent before its end is missing.
    const covers = sent.filter(({ at }) => first !== undefined && at > first.from && at < first.to - 50_000)
    expect(covers.filter(({ id }) => !held.has(id))).toEqual([])
    expect((first?.to ?? 0) > killedAt - 2 * SECOND && (first?.to ?? 0) <= killedAt).toBe(true)
  },
  30_000,
)

function startChild(lake: string, spool: string): ChildProcess {
  const base = venue.url.replace('http', 'ws')
  const child = spawn(process.execPath, [program, base, `file:${lake}`, spool, 'binance/um/aggTrades/BTCUSDT'], {
    stdio: 'inherit',
  })
  children.push(child)
  return child
}

async function subscribed(): Promise<void> {
  for (let waited = 0; !venue.connections.some(({ streams }) => streams.length > 0); waited += 10) {
    if (waited > 15_000) throw new Error('nobody subscribed')
    await delay(10)
  }
  await delay(50)
}

/** Sends a numbered trade each millisecond or so. */
async function sendFor(millis: number): Promise<{ id: number; at: number }[]> {
  const [frame = ''] = recordedFrames('btcusdt@aggTrade')
  const data = frame.slice(frame.indexOf('"data":') + 7, -1)
  const sent: { id: number; at: number }[] = []
  const until = Date.now() + millis
  for (let id = 1; Date.now() < until; id++) {
    sent.push({ id, at: Date.now() * 1000 })
    venue.send({ stream: 'btcusdt@aggTrade', data: data.replace(/"a":\d+/, `"a":${id}`) })
    await delay(1)
  }
  return sent
}
