import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runCommandLine } from './command-line.ts'
import { capturedTerminal } from './testing/captured-terminal.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lake-cli-'))
})

afterEach(async () => {
  await rm(folder, { recursive: true })
})

async function newExchange(...argv: readonly string[]) {
  const terminal = capturedTerminal()
  const signal = new AbortController().signal
  const code = await runCommandLine({ argv: ['new-exchange', ...argv], terminal, workingDirectory: folder, signal })
  return { code, out: terminal.stdout(), err: terminal.stderr() }
}

const FILES = [
  'README.md',
  'fixtures',
  'harbor.mjs',
  'harbor.test.mjs',
  'package.json',
  'record-fixtures.mjs',
  'tsconfig.json',
  'vitest.config.mjs',
]

test('makes a folder with an adapter, its tests, a recorder and what to do next', async () => {
  const { code, out } = await newExchange('harbor')
  expect(code).toBe(0)
  expect(out).toContain('npm install && npm test')
  const made = join(folder, 'lake-exchange-harbor')
  expect((await readdir(made)).sort()).toEqual(FILES)
  expect(await readFile(join(made, 'harbor.mjs'), 'utf8')).toContain('export const defineHarbor = (')
  expect(await readFile(join(made, 'README.md'), 'utf8')).toContain(
    '| harbor | klines | – | spot: 1000 a page, by time | – |',
  )
  const manifest: unknown = JSON.parse(await readFile(join(made, 'package.json'), 'utf8'))
  expect(manifest).toMatchObject({ name: 'lake-exchange-harbor', exports: './harbor.mjs' })
})

test('goes where it is told, and says in JSON what it made', async () => {
  const { code, out } = await newExchange('harbor', '--into', 'venues/mine', '--json')
  expect(code).toBe(0)
  const report: unknown = JSON.parse(out)
  expect(report).toMatchObject({ folder: join(folder, 'venues/mine') })
  expect((await readdir(join(folder, 'venues/mine'))).sort()).toEqual(FILES)
})

test('writes over nothing', async () => {
  await newExchange('harbor')
  const file = join(folder, 'lake-exchange-harbor/package.json')
  await writeFile(file, 'mine')
  const { code, err } = await newExchange('harbor')
  expect([code, err]).toEqual([1, expect.stringContaining('package.json exists')])
  expect(await readFile(file, 'utf8')).toBe('mine')
})

test.each(['Harbor', '9lives', 'two words', 'source', '../x'])('refuses the name %j', async (name) => {
  const { code, err } = await newExchange(name)
  expect([code, err]).toEqual([2, expect.stringContaining('lower-case word')])
  expect(await readdir(folder)).toEqual([])
})

test('a folder that cannot be made is told', async () => {
  await writeFile(join(folder, 'file'), '')
  const { code, err } = await newExchange('harbor', '--into', 'file/below')
  expect([code, err]).toEqual([1, expect.stringContaining('cannot be written')])
})
