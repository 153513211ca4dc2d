import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runCommandLine } from './command-line.ts'
import { capturedTerminal } from './testing/captured-terminal.ts'

const SAMPLE = fileURLToPath(new URL('../../../fixtures/archive', import.meta.url))
const FUNDING = 'binance/um/fundingRate/BTCUSDT'
const OTHER = 'binance/um/fundingRate/ETHUSDT'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lake-places-'))
  await writeFile(join(folder, 'notes.txt'), 'no lake')
  const { code } = await lake('run', '--source', SAMPLE, '--dataset', FUNDING, '--gold', 'none', '--lake', 'held')
  expect(code).toBe(0)
})

afterAll(async () => {
  await rm(folder, { recursive: true })
})

async function lake(...argv: string[]) {
  const terminal = capturedTerminal()
  const { signal } = new AbortController()
  const code = await runCommandLine({ argv, terminal, workingDirectory: folder, signal })
  return { code, out: terminal.stdout(), err: terminal.stderr() }
}

describe('a slip of the pen', () => {
  test.each([
    [['status', '--lake', 'notes.txt'], 'notes.txt is a file, and a lake is a folder'],
    [['sql', 'select 1', '--lake', './notes.txt'], 'notes.txt is a file, and a lake is a folder'],
    [['status', '--lake', ''], '--lake is empty'],
    [['status', '--lake', 'file://elsewhere/lake'], 'is not the URL of a folder on this machine'],
    [['run', '--source', 'nowhere', '--dataset', FUNDING], 'There is no folder'],
    [['run', '--source', 'notes.txt', '--dataset', FUNDING], 'There is no folder'],
    [['discover', '--source', 'nowhere'], 'There is no folder'],
    [['verify', '--source', 'nowhere', '--lake', 'held'], 'There is no folder'],
  ])('in a place is a usage error: %j', async (argv, why) => {
    const { code, err } = await lake(...argv)
    expect(err).toContain(why)
    expect(code).toBe(2)
  })

  test.each([[['gaps']], [['heal']], [['certify']], [['versions']], [['restatements']], [['quarantine']]])(
    'in --lake does not pass for good news: %j',
    async (argv) => {
      const { code, err } = await lake(...argv, '--lake', 'nowhere')
      expect(err).toMatch(/^lake: file:.*nowhere holds nothing yet\. Is it the lake that you mean\?/)
      expect(code).toBe(0)
    },
  )

  test('in --lake is told to who counts rows', async () => {
    const { out, err } = await lake('sql', 'select count(*) as n from klines', '--format', 'json', '--lake', 'nowhere')
    expect(out).toBe('[{"n":0}]\n')
    expect(err).toContain('nowhere holds nothing yet')
    expect((await lake('sql', 'select count(*) from klines', '--lake', 'held')).err).toBe('')
    expect((await lake('sql', 'select 1', '--lake', 'nowhere')).err).toBe('')
  })

  test.each([[['gaps']], [['heal']]])('in --dataset is not found: %j', async (argv) => {
    const { code, err } = await lake(...argv, '--dataset', FUNDING, OTHER, '--lake', 'held')
    expect(err).toContain(`The lake holds nothing of ${OTHER}. See what it has with lake status`)
    expect(code).toBe(1)
  })

  test('in --output is told without a stack', async () => {
    const { code, err } = await lake('sql', 'select 1', '--output', 'no/such/folder.csv', '--lake', 'held')
    expect(err).toMatch(
      /^lake: The rows cannot be written: .*no\/such\/folder\.csv.* Give another file with --output\./,
    )
    expect(code).toBe(2)
  })
})

test('a part of an archive without files is said, not drawn', async () => {
  const { code, out } = await lake('discover', '--source', SAMPLE, '--symbol', 'NONE*', '--lake', 'looked')
  expect(out).toMatch(/^The source has no file of what was asked for\.\n0 files, 0 B/)
  expect(code).toBe(0)
})

test('doctor makes no folder of a lake that is not there yet', async () => {
  const { code, out } = await lake('doctor', '--lake', 'later/lake')
  expect(out).toMatch(/ok +lake can be written +file:.*later\/lake is not there yet, and can be made/)
  expect(code).toBe(0)
  expect(await readdir(folder)).not.toContain('later')
})
