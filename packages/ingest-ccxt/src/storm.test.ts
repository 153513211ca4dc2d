import { type ChildProcess, fork } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { bundleProgram } from '@lake/core/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startVenue, type VenueRows } from './testing/index.ts'

/*
 * Real processes that are killed at the worst moment and started again at once, as a supervisor does. What the venue
 * sees must not depend on it.
 */

const DATASET = 'binance/um/klines/BTCUSDT/1m'
const START = Date.UTC(2020, 0, 1)

let folder = ''
let program = ''
const children: ChildProcess[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lake-storm-'))
  // Beside the package's modules, where ccxt is found.
  program = join(import.meta.dirname, '..', 'node_modules', `.fetch-child-${process.pid}.mjs`)
  await bundleProgram({
    program: new URL('./child-programs/fetch-child.ts', import.meta.url),
    outfile: program,
    external: ['ccxt', 'bufferutil'],
  })
}, 60_000)

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  await rm(program, { force: true })
  await rm(folder, { recursive: true, force: true })
})

const minutes = (count: number): VenueRows => {
  const times = Float64Array.from({ length: count }, (_, row) => START + row * 60_000)
  const texts = Array.from(times, (time) => `[${time},"1","1","1","1","1",${time + 59_999},"1",1,"1","1","0"]`)
  return { path: '/fapi/v1/klines', symbol: 'BTCUSDT', interval: '1m', times, texts }
}

function walk(url: string, budgets: string, rows: number): ChildProcess {
  const range = [START * 1000, (START + rows * 60_000) * 1000].map(String)
  const child = fork(program, [url, join(folder, budgets), DATASET, ...range], { stdio: 'ignore' })
  children.push(child)
  return child
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}

test('a process that is killed while it waits out a ban is followed by ones that wait too', async () => {
  const banMillis = 7000
  const ban = { kind: 'status', status: 418, retryAfter: banMillis / 1000 } as const
  await using venue = await startVenue({
    rows: [minutes(400)],
    fault: ({ number }) => (number === 1 ? ban : undefined),
  })
  const first = walk(venue.url, 'ban', 400)
  while (venue.requests.length === 0) await delay(5)
  const bannedAt = Date.now()
  // Killed as soon as the answer has come and is on the disk: that is all that is left.
  while (!(await readdir(join(folder, 'ban'))).some((name) => name.endsWith('.blocked'))) await delay(5)
  await kill(first)
  while (Date.now() < bannedAt + banMillis - 3000) {
    const next = walk(venue.url, 'ban', 400)
    await delay(1000)
    await kill(next)
  }
  expect(venue.requests).toHaveLength(1)
  const last = walk(venue.url, 'ban', 400)
  await new Promise((resolve) => last.once('message', resolve))
  expect(Date.now()).toBeGreaterThanOrEqual(bannedAt + banMillis - 1000)
  expect(venue.requests).toHaveLength(2)
}, 60_000)

test('processes that are killed after each page, again and again, never ask beyond the budget', async () => {
  await using venue = await startVenue({ rows: [minutes(40_000)], limits: { um: { weight: 2400 } } })
  for (let start = 0; start < 6; start++) {
    const child = walk(venue.url, 'budget', 40_000)
    await new Promise((resolve) => child.once('message', resolve))
    await kill(child)
  }
  expect(venue.requests.length).toBeGreaterThanOrEqual(6)
  expect(venue.requests.filter(({ status }) => status !== 200)).toEqual([])
  // A request that was on its way when its process died is in the account as well.
  const spent = venue.requests.reduce((sum, { weight }) => sum + weight, 0)
  expect(await booked()).toBeGreaterThanOrEqual(spent)
}, 60_000)

/** What the processes have written down of what they spent. */
async function booked(): Promise<number> {
  const files = (await readdir(join(folder, 'budget'))).filter((name) => name.endsWith('.log'))
  const texts = await Promise.all(files.map(async (name) => readFile(join(folder, 'budget', name), 'latin1')))
  return texts.flatMap((text) => text.split('\n')).reduce((sum, line) => sum + Number(line.split(' ')[1] ?? 0), 0)
}
