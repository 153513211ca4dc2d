import { createHash } from 'node:crypto'
import type { Table } from 'apache-arrow'
import { expect } from 'vitest'
import { floatValues, integerValues, nullFlags, wordValues } from '../column-values.ts'
import { parseDatasetId } from '../dataset-id.ts'
import type { PageFormat } from '../page-format.ts'
import type { RawPage } from '../raw-page.ts'
import type { ExchangeCheck, ExchangeSubject } from './exchange-check.ts'
import type { FixtureRows, FixtureValue } from './exchange-fixtures.ts'
import { readPageSlowly, type SlowRow } from './read-page-slowly.ts'

/** What recordings prove. */
export const SAMPLE_CHECKS: readonly ExchangeCheck[] = [
  {
    name: 'has a recording of everything that it describes, or says of what it has none',
    run: ({ adapter, fixtures }) => {
      const recorded = new Set([
        ...(fixtures.pages ?? []).map((one) => one.series),
        ...(fixtures.frames ?? []).map((one) => one.channel),
      ])
      const { rest, live } = adapter
      const described = [...(rest?.series ?? []), ...(live?.channels ?? []), ...(live?.rawStreams ?? [])].map(
        ({ id }) => id,
      )
      const missing = described.filter((id) => !recorded.has(id))
      expect(missing, 'record these, or name them in `unrecorded`').toEqual(
        described.filter((id) => (fixtures.unrecorded ?? []).includes(id)),
      )
      expect(described, 'recordings of what it describes').toEqual(expect.arrayContaining([...recorded]))
    },
  },
  {
    name: 'describes recorded pages and frames as they are',
    run: async (subject) => {
      for (const { id, dataset, body, format, ...expected } of recordings(subject)) {
        const rows = readRecording(body, format, parseDatasetId(dataset).symbol, id)
        expectRows(rows, expected, id)
        const { parsePage } = subject.parsers
        if (parsePage === undefined) continue
        const table = await parsePage(rawPage(id, dataset, body), format)
        expect(rowsOf(table, Object.keys(rows[0] ?? {})).toSorted(byTime), `${id}: the parser finds the same`).toEqual(
          rows.toSorted(byTime),
        )
      }
    },
  },
  {
    name: 'describes files of its archive as they are',
    run: async ({ adapter, fixtures, parsers }) => {
      for (const { key, bytes, ...expected } of fixtures.files ?? []) {
        const name = adapter.archive?.parseKey(key)
        if (name === undefined) expect.fail(`${key} is no key of the archive`)
        if (parsers.parseFile === undefined) continue
        const table = await parsers.parseFile(bytes, key, name)
        expectRows(rowsOf(table, table.schema.names.map(String)), expected, key)
      }
    },
  },
]

interface Recording extends FixtureRows {
  readonly id: string
  readonly dataset: string
  readonly body: string
  readonly format: PageFormat
}

function* recordings({ adapter, fixtures }: ExchangeSubject): Generator<Recording> {
  for (const page of fixtures.pages ?? []) {
    const series = adapter.rest?.series.find(({ id }) => id === page.series)
    if (series === undefined) expect.fail(`a page is of ${page.series}, which is no series`)
    yield { ...page, id: series.id, format: series.format }
  }
  for (const frame of fixtures.frames ?? []) {
    if (adapter.live?.rawStreams?.some(({ id }) => id === frame.channel) === true) continue
    const channel = adapter.live?.channels.find(({ id }) => id === frame.channel)
    if (channel === undefined) expect.fail(`a frame is of ${frame.channel}, which is no channel`)
    yield { ...frame, id: channel.id, format: channel.format }
  }
}

function readRecording(body: string, format: PageFormat, symbol: string, what: string): readonly SlowRow[] {
  try {
    return readPageSlowly(body, format, symbol, LATER)
  } catch (error) {
    throw new Error(`${what}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}

function expectRows(rows: readonly SlowRow[], { rows: count, first = {} }: FixtureRows, what: string): void {
  expect(rows.length, `${what}: rows`).toBe(count)
  for (const [name, value] of Object.entries(first))
    expect(rows[0]?.[name], `${what}: ${name} of the first row`).toBe(value)
}

function rawPage(series: string, dataset: string, body: string): RawPage {
  const bytes = Buffer.from(body)
  const everything = { from: 0, to: Number.MAX_SAFE_INTEGER }
  const envelope = {
    ...{ dataset: parseDatasetId(dataset), series, request: { method: 'fixture', parameters: {} }, range: everything },
    ...{ requestedAt: LATER, receivedAt: LATER, asOf: LATER, status: 200, headers: {} },
    sha256: createHash('sha256').update(bytes).digest('hex'),
  }
  return { envelope, body: bytes }
}

/** After everything that was ever recorded, so that all of it is final. */
const LATER = 4_102_444_800_000_000

function rowsOf(table: Table, names: readonly string[]): SlowRow[] {
  const columns = names.map((name) => [name, valuesOf(table, name)] as const)
  return Array.from({ length: table.numRows }, (_, row) =>
    Object.fromEntries(columns.map(([name, values]) => [name, values[row] ?? null])),
  )
}

function valuesOf(table: Table, name: string): readonly FixtureValue[] {
  const field = table.schema.fields.find((one) => one.name === name)
  const type = String(field?.type)
  const nulls = field === undefined ? undefined : nullFlags(table, name)
  const values = ((): FixtureValue[] => {
    if (type === 'Float64') return [...floatValues(table, name)]
    if (type === 'Bool') return [...(table.getChild(name) ?? [])].map((value) => value === true)
    if (type.startsWith('Dictionary')) {
      const { codes, words } = wordValues(table, name)
      return Array.from(codes, (code) => words[code] ?? null)
    }
    return Array.from(integerValues(table, name), Number)
  })()
  return values.map((value, row) => (nulls?.[row] === 1 ? null : value))
}

function byTime(a: SlowRow, b: SlowRow): number {
  return Number(a['ts_event']) - Number(b['ts_event'])
}
