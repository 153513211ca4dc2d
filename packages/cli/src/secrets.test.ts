import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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

async function lake(...argv: readonly string[]) {
  const terminal = capturedTerminal()
  const options = { terminal, workingDirectory: folder, signal: new AbortController().signal }
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
