import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { rowsFromPages, startVenue } from '@lake/ingest-ccxt/testing'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { runCommandLine } from './command-line.ts'
import { capturedTerminal } from './testing/captured-terminal.ts'

/*
 * Keys of an account are in the environment, as with somebody who trades on the same machine. Whatever a command writes
 * is looked through: bronze, manifests, reports of runs, the records of budgets, the screen.
 */

const SECRETS = ['key-of-mine/+', 'secret-of-mine', 'word-of-mine']
const TRADES = 'binance/um/aggTrades/BTCUSDT'
const DAY = Date.UTC(2024, 0, 31)

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lake-secrets-'))
  const names = ['KEY', 'SECRET', 'PASSWORD']
  for (const [at, name] of names.entries()) vi.stubEnv(`BINANCE_API_${name}`, SECRETS[at] ?? '')
  vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache'))
})

afterAll(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

const lake = (...argv: readonly string[]) => lakeUntil(new AbortController().signal, ...argv)

async function lakeUntil(signal: AbortSignal, ...argv: readonly string[]) {
  const terminal = capturedTerminal()
  const options = { terminal, workingDirectory: folder, signal }
  const code = await runCommandLine({ argv, ...options })
  return { code, told: terminal.stdout() + terminal.stderr() }
}

/** All bytes below a folder, expanded where they are compressed. */
async function everythingIn(place: string): Promise<Map<string, string>> {
  const texts = new Map<string, string>()
  for (const entry of await readdir(place, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const bytes = await readFile(path)
    texts.set(
      path,
      `${path}\n${(bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString('latin1')}`,
    )
  }
  return texts
}

/** The same of a folder in which files come and go: nothing, when one went while it was read. */
async function textOfMoment(place: string): Promise<string> {
  try {
    return [...(await everythingIn(place)).values()].join('')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw error
  }
}

function expectNoSecret(text: string, where: string): void {
  for (const secret of SECRETS) {
    for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]) {
      expect(text.includes(form), `${where} has a secret in it`).toBe(false)
    }
  }
  expect(text, where).not.toMatch(/signature=[0-9a-f]/)
}

test('no command writes or prints a key of the environment, whether the venue answers or refuses', async () => {
  const trade = { a: 1, p: '1.5', q: '2', f: 1, l: 1, T: DAY, m: true }
  const rows = rowsFromPages({ path: '/fapi/v1/aggTrades', symbol: 'BTCUSDT' }, [[trade]])
  await using venue = await startVenue({ rows: [rows], now: () => (DAY + 86_400_000) * 1000 })
  const at = ['--lake', 'mine', '--venue-url', `binance=${venue.url}`]
  const range = ['--from', '2024-01-31', '--to', '2024-02-01']
  const updated = await lake('update', '--dataset', TRADES, ...range, ...at)
  expect(updated.code, updated.told).toBe(0)
  const told = [updated.told]
  // Nobody listens there, so the address that failed is told.
  const dead = ['--lake', 'mine', '--venue-url', 'binance=http://127.0.0.1:9']
  told.push(
    (await lake('symbols', '--market', 'um', ...dead)).told,
    (await lake('update', '--dataset', 'binance/um/aggTrades/NOUSDT', ...range, ...at)).told,
  )
  for (const [index, text] of told.entries()) expectNoSecret(text, `output ${index}`)
  const files = await everythingIn(folder)
  expect([...files.keys()].filter((path) => path.includes('/bronze/'))).not.toEqual([])
  expect([...files.keys()].filter((path) => path.includes('/cache/'))).not.toEqual([])
  for (const [path, text] of files) expectNoSecret(text, path)
}, 30_000)

test('nor does it from what a venue says that repeats the key to whoever sent it', async () => {
  const body = JSON.stringify({ code: -2015, msg: `Invalid API-key ${SECRETS[0]}, signature=0f3e for ${SECRETS[1]}.` })
  await using venue = await startVenue({ fault: () => ({ kind: 'status', status: 401, body }) })
  const at = ['--lake', 'refused', '--venue-url', `binance=${venue.url}`]
  const range = ['--from', '2024-01-31', '--to', '2024-02-01']
  for (const json of [[], ['--json']]) {
    const symbols = await lake('symbols', '--market', 'um', ...at, ...json)
    const updated = await lake('update', '--dataset', TRADES, ...range, ...at, ...json)
    for (const { code, told } of [symbols, updated]) {
      expect([code, told]).toEqual([1, expect.stringContaining('NO_PERMISSION')])
      expect(told).toContain('Invalid API-key ***')
      expectNoSecret(told, told)
    }
  }
  for (const [path, text] of await everythingIn(folder)) expectNoSecret(text, path)
})

test('nor does it from a page for people that repeats what was sent', async () => {
  const body = `<html>GET /fapi/v1/aggTrades X-MBX-APIKEY: ${SECRETS[0]} ${SECRETS[1]}</html>`
  for (const fault of [
    { kind: 'body', body },
    { kind: 'status', status: 400, body },
  ] as const) {
    await using venue = await startVenue({ fault: () => fault })
    const at = ['--lake', 'strange', '--venue-url', `binance=${venue.url}`]
    const { code, told } = await lake(
      'update',
      '--dataset',
      TRADES,
      '--from',
      '2024-01-31',
      '--to',
      '2024-02-01',
      ...at,
    )
    expect([code > 0, told]).toEqual([true, expect.stringContaining('X-MBX-APIKEY: ***')])
    expectNoSecret(told, told)
  }
  for (const [path, text] of await everythingIn(folder)) expectNoSecret(text, path)
}, 60_000)

test('a recording has no key in its spool, in bronze, or in what it prints', async () => {
  await using venue = await startVenue()
  const stop = new AbortController()
  const dataset = 'binance/um/liquidations/BTCUSDT'
  const argv = ['record', '--dataset', dataset, '--lake', 'recorded', '--venue-url', `binance=${venue.url}`]
  const recording = lakeUntil(stop.signal, ...argv, '--spool', 'spool')
  while (venue.connections.flatMap(({ streams }) => streams).length === 0) await delay(10)
  const order = { s: 'BTCUSDT', S: 'SELL', o: 'LIMIT', f: 'IOC', q: '1', p: '2', ap: '2', X: 'FILLED', l: '1', z: '1' }
  const data = JSON.stringify({ e: 'forceOrder', E: Date.now(), o: { ...order, T: Date.now() } })
  venue.send({ stream: 'btcusdt@forceOrder', data })
  let spooled = ''
  while (!spooled.includes('forceOrder"')) {
    await delay(20)
    spooled = await textOfMoment(join(folder, 'spool'))
  }
  expectNoSecret(spooled, 'the spool')
  stop.abort()
  const { code, told } = await recording
  expect(code, told).toBe(0)
  expectNoSecret(told, told)
  const files = await everythingIn(join(folder, 'recorded'))
  expect([...files.values()].join('')).toContain('forceOrder')
  for (const [path, text] of files) expectNoSecret(text, path)
  const dead = await lake('record', '--dataset', dataset, '--for', '1s', '--venue-url', 'binance=http://127.0.0.1:9')
  expectNoSecret(dead.told, dead.told)
}, 30_000)
