import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runCommandLine } from './command-line.ts'
import { capturedTerminal } from './testing/captured-terminal.ts'

const SAMPLE = fileURLToPath(new URL('../../../fixtures/archive', import.meta.url))
const MINUTES = 'binance/spot/klines/BTCUSDT/1m'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lake-config-'))
  const days = 'data/spot/daily/klines/BTCUSDT/1m'
  await cp(join(SAMPLE, days), join(folder, 'archive', days), { recursive: true })
})

afterEach(async () => {
  await rm(folder, { recursive: true })
})

async function lake(...argv: readonly string[]) {
  const terminal = capturedTerminal()
  const options = { terminal, workingDirectory: folder, signal: new AbortController().signal }
  return { code: await runCommandLine({ argv, ...options }), out: terminal.stdout(), err: terminal.stderr() }
}

const run = async (...more: readonly string[]) =>
  lake('run', '--source', 'archive', '--dataset', MINUTES, '--gold', 'none', '--no-heal', ...more)

const configure = async (text: string, name = 'lake.config.js') => writeFile(join(folder, name), text)

/** What every command of the folder asks of its rows, a function among it. */
const CONTRACTS = `export default {
  contracts: [
    {
      dataType: 'klines',
      where: { symbol: 'BTCUSDT' },
      checks: [
        { check: 'bounds', columns: ['close'], max: 7000, severity: 'warning', name: 'close is modest' },
        { check: 'custom', name: 'the first row', test: () => [0], severity: 'warning' },
      ],
    },
  ],
}`

test('a lake.config.js is for every command in its folder', async () => {
  await configure(CONTRACTS)
  const first = await run()
  expect(first.code).toBe(0)
  expect(first.out).toMatch(/note: \S+\/1m: [\d,]+ rows to look at, by the check close is modest\n/)
  expect(first.out).toContain('1 row to look at, by the check the first row\n')
  // The contract is part of what a partition was made by: all commands have the same one, so nothing is made again.
  expect((await run()).out).toContain('Nothing to do: all 1 partition are up to date')
  expect((await lake('quarantine', '--replay')).code).toBe(0)
  expect((await run()).out).toContain('Nothing to do')
})

test('an option of the command counts more than the file', async () => {
  await configure("export default { quarantineLimit: 0, policy: 'newest' }", 'lake.config.mjs')
  await run()
  expect((await lake('lineage', MINUTES)).out).toContain('policy newest')
  await run('--policy', 'rest-first')
  expect((await lake('lineage', MINUTES)).out).toContain('policy rest-first')
})

test.each([
  ['export default { contract: [] }', /has a member 'contract', which is none of contracts, decimals, exchanges/],
  ['export const contracts = []', /has no default export that is an object/],
  ['export default {', /cannot be loaded: /],
  ['export default { contracts: {} }', /has contracts that are no list/],
  ["export default { contracts: [{ dataType: 'klines', checks: [{ check: 'nonsense' }] }] }", /The contract is none/],
])('%s is refused before anything is touched', async (text, message) => {
  await configure(text)
  const { code, err } = await run()
  expect([code, err]).toEqual([2, expect.stringMatching(message)])
  expect((await lake('status')).err).toMatch(message)
})
