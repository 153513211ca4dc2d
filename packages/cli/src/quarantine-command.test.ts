import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parsePeriod } from '@lake/core'
import { sha256Of } from '@lake/ledger'
import { writeZip } from '@lake/ingest-s5cmd/testing'
import { fileStore } from '@lake/storage'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runCommandLine } from './command-line.ts'
import { capturedTerminal } from './testing/captured-terminal.ts'

const DATASET = 'binance/spot/klines/BTCUSDT/1m'
const FILE = 'BTCUSDT-1m-2020-01-01'
const RUN = ['run', '--source', 'archive', '--dataset', DATASET, '--gold', 'none'] as const

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lake-cli-'))
})

afterEach(async () => {
  await rm(folder, { recursive: true })
})

async function lake(...argv: readonly string[]) {
  const terminal = capturedTerminal()
  const signal = new AbortController().signal
  const code = await runCommandLine({ argv, terminal, workingDirectory: folder, signal })
  return { code, out: terminal.stdout(), err: terminal.stderr() }
}

describe('lake quarantine', () => {
  test('lists what a run has put aside, and the run is partial', async () => {
    await publishDay('1,2', `${'9'.repeat(60)}x`)
    const run = await lake(...RUN, '--quarantine-limit', '1%')
    expect(run.code).toBe(3)
    expect(run.out).toContain('2 bad lines put aside; lake quarantine lists them')
    const { code, out } = await lake('quarantine')
    expect(code).toBe(0)
    expect(out).toMatch(/^dataset +file +line +column +value +why\n/)
    expect(out).toContain(`${DATASET}  ${FILE}.csv  1,441  -       1,2 `)
    expect(out).toContain('2 lines put aside, of 1 file. After a fix, lake quarantine --replay reads them again.')
    expect(JSON.parse((await lake('quarantine', '--json')).out)).toMatchObject({
      rows: [
        {
          dataset: DATASET,
          file: `${FILE}.csv`,
          line: 1441,
          column: null,
          text: '1,2',
          reason: 'has 2 columns, not 12',
        },
        { line: 1442 },
      ],
    })
    expect((await lake('quarantine', '--dataset', 'binance/um/trades/BTCUSDT')).out).toBe(
      '0 lines put aside, of 0 files.\n',
    )
  })

  test('replays, and says what is left', async () => {
    await publishDay('1,2')
    await lake(...RUN)
    const { code, out } = await lake('quarantine', '--replay')
    expect(code).toBe(3)
    expect(out).toMatch(/dataset +files +lines +lines left +rows added +partitions changed\n/)
    expect(out).toMatch(new RegExp(`${DATASET} +1 +1 +1 +0 +0\n`))
    expect(JSON.parse((await lake('quarantine', '--replay', '--json')).out)).toEqual({
      datasets: [
        {
          id: DATASET,
          ...{ files: 1, filesLeft: 1, quarantined: 1, quarantinedLeft: 1 },
          ...{ rowsAdded: 0, partitionsChanged: 0, blocked: [] },
        },
      ],
      failures: [],
    })
  })

  test('has nothing to replay in a lake without bad lines', async () => {
    expect(await lake('quarantine', '--replay')).toMatchObject({ code: 0, out: 'Nothing is put aside.\n' })
  })

  test.each(['0', '0.05%', '0.0005'])(
    'a file with more bad lines than --quarantine-limit %s is refused',
    async (limit) => {
      await publishDay('1,2')
      const { code, err } = await lake(...RUN, '--quarantine-limit', limit)
      expect(code).toBe(1)
      expect(err).toContain(`${FILE}.csv line 1441 has 2 columns, not 12`)
    },
  )

  test.each(['2', '101%', 'some', '-1'])('--quarantine-limit %s is a usage error', async (limit) => {
    const { code, err } = await lake(...RUN, `--quarantine-limit=${limit}`)
    expect(code).toBe(2)
    expect(err).toContain(`such as 0.1% or 0.001, not '${limit}'`)
  })

  test('a known change of form is a note of the run', async () => {
    await publishDay()
    await publish('BTCUSDT-1m-2020-01-02', minutes('2020-01-02', 1000))
    const { code, out } = await lake(...RUN)
    expect(code).toBe(0)
    expect(out).toContain(
      `note: ${DATASET}: the form has changed as is known: times were in ms, now us, in BTCUSDT-1m-2020-01-02.zip\n`,
    )
  })
})

/** A day of minutes, and lines that are none. */
async function publishDay(...bad: readonly string[]): Promise<void> {
  await publish(FILE, [...minutes('2020-01-01', 1), ...bad])
}

function minutes(day: string, unit: number): string[] {
  const { from } = parsePeriod(day)
  return Array.from({ length: 1440 }, (_, minute) => {
    const open = from / 1000 + minute * 60_000
    return `${open * unit},7.1,7.3,7.0,7.2,10.5,${(open + 60_000) * unit - 1},75.6,12,5.5,39.6,0`
  })
}

async function publish(name: string, lines: readonly string[]): Promise<void> {
  const archive = fileStore({ root: join(folder, 'archive') })
  const bytes = await writeZip([{ name: `${name}.csv`, bytes: new TextEncoder().encode(`${lines.join('\n')}\n`) }])
  const key = `data/spot/daily/klines/BTCUSDT/1m/${name}.zip`
  await archive.put(key, bytes)
  await archive.put(`${key}.CHECKSUM`, new TextEncoder().encode(`${sha256Of(bytes)}  ${name}.zip\n`))
}
