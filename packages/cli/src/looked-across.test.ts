import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ObjectStore, parseDatasetId, parseInstant, parseTimeRange, type TimeRange } from '@lake/core'
import { rowsFromArchive, startVenue, type Venue, type VenueRows } from '@lake/ingest-ccxt/testing'
import { writeZip } from '@lake/ingest-s5cmd/testing'
import { sha256Of } from '@lake/ledger'
import { fileStore, openStore } from '@lake/storage'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runCommandLine } from './command-line.ts'
import { capturedTerminal } from './testing/captured-terminal.ts'

/*
 * What shows only beside other datasets, found by `lake heal` and by `lake update` alone: mark prices that are far from
 * the last, and outages of the venue. Hours of February 2024.
 */

const [LAST, MARK, ETHER] = ['klines/BTCUSDT', 'markPriceKlines/BTCUSDT', 'klines/ETHUSDT'].map(
  (name) => `binance/um/${name}/1h`,
) as [string, string, string]
const hours = (from: string, to: string): TimeRange => ({
  from: parseInstant(`${from}:00:00Z`),
  to: parseInstant(`${to}:00:00Z`),
})
const OWN_HOLE = hours('2024-02-10T05', '2024-02-10T08')
const HALT = hours('2024-02-20T10', '2024-02-20T14')

let folder: string
let archive: ObjectStore
let venue: Venue

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lake-looked-across-'))
  archive = fileStore({ root: join(folder, 'archive') })
})

afterEach(async () => {
  await venue.close()
  await rm(folder, { recursive: true })
})

async function lake(...argv: readonly string[]) {
  const terminal = capturedTerminal()
  const options = { terminal, workingDirectory: folder, signal: new AbortController().signal }
  const asking = ['heal', 'update'].includes(argv[0] ?? '') ? ['--venue-url', `binance=${venue.url}`] : []
  const code = await runCommandLine({ argv: [...argv, ...asking], ...options })
  const notes = terminal
    .stdout()
    .split('\n')
    .filter((line) => line.startsWith('note: '))
  return { code, notes, out: terminal.stdout(), err: terminal.stderr() }
}

const run = async (...datasets: string[]) =>
  lake('run', '--source', 'archive', '--dataset', ...datasets, '--gold', 'none', '--no-heal')

interface Bars {
  readonly holes?: readonly TimeRange[]
  readonly range?: TimeRange
  readonly priceOf?: (open: number) => number
  /** The month, or a day of it. */
  readonly label?: string
}

/** The file of a month of hours, or of a part of it; all four prices of a bar are the same. */
async function zipOf(
  dataset: string,
  { holes = [], range = FEBRUARY, priceOf = () => 100, label = MONTH }: Bars,
): Promise<Uint8Array> {
  const lines: string[] = []
  for (let open = range.from; open < range.to; open += 3_600_000_000) {
    if (holes.some(({ from, to }) => open >= from && open < to)) continue
    const price = priceOf(open) + ((open / 3_600_000_000) % 2)
    const traded = dataset === MARK ? [0, 0, 0, 0, 0] : [2, 2 * price, 60, 1, price]
    const [volume, quote, count, taker, takerQuote] = traded
    const closes = open / 1000 + 3_599_999
    lines.push([open / 1000, price, price, price, price, volume, closes, quote, count, taker, takerQuote, 0].join(','))
  }
  return writeZip([{ name: `${nameOf(dataset, label)}.csv`, bytes: Buffer.from(lines.join('\n')) }])
}

const FEBRUARY = parseTimeRange('2024-02-01', '2024-03-01')

const MONTH = '2024-02'
const nameOf = (dataset: string, label: string): string => `${parseDatasetId(dataset).symbol}-1h-${label}`

async function publish(dataset: string, bars: Bars): Promise<void> {
  const { dataType, symbol } = parseDatasetId(dataset)
  const { label = MONTH } = bars
  const name = `${nameOf(dataset, label)}.zip`
  const key = `data/futures/um/${label === MONTH ? 'monthly' : 'daily'}/${dataType}/${symbol}/1h/${name}`
  const bytes = await zipOf(dataset, bars)
  await archive.put(key, bytes)
  await archive.put(`${key}.CHECKSUM`, Buffer.from(`${sha256Of(bytes)}  ${name}\n`))
}

const rowsOf = async (dataset: string, bars: Bars): Promise<readonly VenueRows[]> =>
  rowsFromArchive(await zipOf(dataset, bars), parseDatasetId(dataset))

describe('a mark price that is far from the last', () => {
  const isOff = (open: number): number => (open >= OWN_HOLE.from && open < OWN_HOLE.to ? 80 : 100)
  const note = `note: ${MARK} 2024-02: 3 rows of 696 more than 5 % away from ${LAST}, the first at 2024-02-10T05:00:00Z: 81 and 101`

  test('is told by the heal that brings the other side', async () => {
    venue = await startVenue({ rows: await rowsOf(LAST, {}) })
    await publish(LAST, { holes: [OWN_HOLE] })
    await publish(MARK, { priceOf: isOff })
    expect((await run(LAST, MARK)).notes).toEqual([])
    const { code, notes, out } = await lake('heal', '--dataset', LAST)
    expect([code, notes]).toEqual([0, [note]])
    expect(out).toMatch(/^dataset +gaps filled +rows added +gaps left +requests\n\S+ +1 +3 +0 +\d+\nfilled: /)
    expect((await lake('heal')).notes).toEqual([])
  })

  test.each([
    [0.3, []],
    [0.01, [note.replace('5 %', '1 %')]],
  ])('is one where lake.config.js says that %d is far', async (crossCheckLimit, notes) => {
    venue = await startVenue({ rows: await rowsOf(LAST, {}) })
    const contracts = [{ dataType: 'markPriceKlines', crossCheckLimit, checks: [] }]
    await writeFile(join(folder, 'lake.config.js'), `export default ${JSON.stringify({ contracts })}`)
    await publish(LAST, { holes: [OWN_HOLE] })
    await publish(MARK, { priceOf: isOff })
    await run(LAST, MARK)
    expect((await lake('heal', '--dataset', LAST)).notes).toEqual(notes)
  })

  test('is told by the update that brings it', async () => {
    venue = await startVenue({ rows: await rowsOf(MARK, { priceOf: isOff }) })
    await publish(LAST, {})
    await publish(MARK, { range: parseTimeRange('2024-02-01', '2024-02-02'), label: '2024-02-01' })
    expect((await run(LAST, MARK)).notes).toEqual([])
    const { code, notes } = await lake('update', '--dataset', MARK, '--to', '2024-03-01', '--commit-every', '0')
    expect([code, notes]).toEqual([0, [note]])
  })
})

describe('an outage of the venue', () => {
  const note = (count: number): string =>
    `note: learned an outage of binance um from 2024-02-20T10:00:00Z to 2024-02-20T14:00:00Z: ${count} symbols silent together`

  test('is learned by the update that brings a second symbol, and explains the gap of the first', async () => {
    venue = await startVenue({ rows: await rowsOf(ETHER, { holes: [HALT] }) })
    await publish(LAST, { holes: [HALT] })
    expect((await run(LAST)).notes).toEqual([])
    expect((await lake('gaps')).out).toContain(' unknown ')
    const from = ['--from', '2024-02-01', '--to', '2024-03-01', '--commit-every', '0']
    const { code, notes } = await lake('update', '--dataset', ETHER, ...from)
    expect([code, notes]).toEqual([0, [note(2)]])
    expect((await lake('gaps')).out).not.toContain(' unknown ')
  })

  test('is learned again by a heal that writes, once what was learned is deleted', async () => {
    venue = await startVenue({ rows: await rowsOf(LAST, { holes: [HALT] }) })
    await publish(LAST, { holes: [OWN_HOLE, HALT] })
    await publish(ETHER, { holes: [HALT] })
    expect((await run(LAST, ETHER)).notes).toEqual([note(2)])
    await openStore(`file:${join(folder, 'lake-data')}`).delete('_lake/outages/binance.json')
    const { code, notes, out } = await lake('heal')
    expect([code, notes]).toEqual([0, [note(2)]])
    expect(out).toContain(
      `left: ${LAST} 2024-02-20T10:00:00Z to 2024-02-20T14:00:00Z, 4 rows: exchange-halt: The other symbol of the venue at hand had no rows either.\n`,
    )
    expect((await lake('heal')).notes).toEqual([])
  })
})
