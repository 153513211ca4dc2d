import { type DataType, type LakeTable, parseInstant, type RowSource, tableSchema } from '@lake/core'
import { type Row, rowsOfTable, type RowValue, tableOfRows } from '@lake/core/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mergeBatches } from './merge-batches.ts'
import type { BatchInput } from './batch-input.ts'
import type { MergeReport } from './merge-report.ts'
import type { MergeInput, MergePolicy } from './merge-source.ts'
import { mergeTables } from './merge-tables.ts'

const start = BigInt(parseInstant('2024-01-01'))

const trade = fc.record({ id: fc.nat(30), price: fc.constantFrom(1, 2), isBest: fc.constantFrom(true, false, null) })
const source = fc.constantFrom<RowSource | undefined>('archive', 'rest', 'ws', undefined)
const policies = fc.constantFrom<MergePolicy>('archive-first', 'rest-first', 'newest')

describe('mergeBatches', () => {
  test('equals mergeTables of the whole, however trades are cut into batches', async () => {
    const input = fc.record({
      trades: fc.array(trade, { maxLength: 25 }),
      source,
      cuts: fc.array(fc.nat(6), { minLength: 1 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(input, { maxLength: 4 }), policies, async (drawn, policy) => {
        const whole: MergeInput<'trades'>[] = drawn.map(({ trades, source: from }, index) => ({
          table: tableOf(
            'trades',
            tradeRows(
              [...trades].sort((a, b) => a.id - b.id),
              from ?? 'rest',
            ),
          ),
          name: `${index}`,
          source: from,
        }))
        await expectEqual('trades', whole, { policy, cuts: drawn.map(({ cuts }) => cuts) })
      }),
      { numRuns: 100 },
    )
  })

  test('equals mergeTables for bars off the grid and for jittered funding', async () => {
    const offset = fc.tuple(fc.nat(20), fc.constantFrom(0, 0, 0, 7_000_000, 29_000_000))
    const input = fc.record({
      offsets: fc.array(offset, { maxLength: 20 }),
      cuts: fc.array(fc.nat(4), { minLength: 1 }),
    })
    const kinds = fc.constantFrom('indexPriceKlines' as const, 'fundingRate' as const)
    await fc.assert(
      fc.asyncProperty(fc.array(input, { minLength: 1, maxLength: 3 }), kinds, async (drawn, dataType) => {
        const whole = drawn.map(({ offsets }, index) => ({
          table: tableOf(
            dataType,
            offsets
              .map(([minute, shift]) => minute * 60_000_000 + shift)
              .sort((a, b) => a - b)
              .map((time, row) => ({ ...OTHER_COLUMNS, ...timesAt(BigInt(time)), open: row, funding_rate: row })),
          ),
          name: `${index}`,
          source: 'archive' as const,
        }))
        await expectEqual(dataType, whole, { interval: '1m', cuts: drawn.map(({ cuts }) => cuts) })
      }),
      { numRuns: 60 },
    )
  })

  test('holds one batch of each input and no more', async () => {
    const pulled = [0, 0]
    const inputs = pulled.map((_, input) => ({
      name: `${input}`,
      source: 'archive' as const,
      batches: (function* () {
        for (let batch = 0; batch < 50; batch++) {
          pulled[input] = batch + 1
          yield tableOf(
            'trades',
            tradeRows(
              [0, 1, 2, 3].map((id) => ({ id: batch * 4 + id, price: 1, isBest: null })),
              'rest',
            ),
          )
        }
      })(),
    }))
    let rows = 0
    for await (const batch of mergeBatches({ dataType: 'trades', inputs })) {
      rows += batch.numRows
      for (const count of pulled) expect(count * 4 - rows).toBeLessThanOrEqual(8)
    }
    expect(rows).toBe(200)
  })

  test('closes its inputs when the reader stops, when it is aborted and when one fails', async () => {
    const run = async (
      use: (merged: AsyncGenerator<LakeTable<'trades'>>, abort: () => void) => Promise<void>,
      fails = false,
    ): Promise<number> => {
      let closed = 0
      const controller = new AbortController()
      const input = (name: string): BatchInput<'trades'> => ({
        name,
        source: 'ws',
        batches: (async function* () {
          try {
            for (let id = 0; ; id += 2) {
              if (fails && id > 2) throw new Error('the line broke')
              yield tableOf(
                'trades',
                tradeRows(
                  [
                    { id, price: 1, isBest: null },
                    { id: id + 1, price: 1, isBest: null },
                  ],
                  'ws',
                ),
              )
            }
          } finally {
            closed++
          }
        })(),
      })
      const inputs = [input('a'), input('b')]
      await use(mergeBatches({ dataType: 'trades', inputs, signal: controller.signal }), () => {
        controller.abort()
      })
      return closed
    }
    expect(
      await run(async (merged) => {
        for await (const _ of merged) break
      }),
    ).toBe(2)
    const aborted = run(async (merged, abort) => {
      await merged.next()
      abort()
      await expect(merged.next()).rejects.toHaveProperty('name', 'AbortError')
    })
    expect(await aborted).toBe(2)
    const failed = run(async (merged) => {
      await expect(collect(merged)).rejects.toThrow('the line broke')
    }, true)
    expect(await failed).toBe(2)
  })

  test.each([
    ['ids that go back within a batch', [[2, 1]], [0, 1]],
    [
      'ids that go back between batches',
      [
        [1, 2],
        [1, 3],
      ],
      [0, 1, 2, 3],
    ],
    [
      'times that go back',
      [
        [1, 2],
        [3, 4],
      ],
      [5, 6, 4, 7],
    ],
  ])('refuses %s', async (_, ids, times) => {
    let row = 0
    const batches = ids.map((batch) =>
      tableOf(
        'trades',
        batch.map((id) => tradeRow({ id, price: 1, isBest: null }, 'ws', times[row++] ?? 0)),
      ),
    )
    await expect(
      collect(mergeBatches({ dataType: 'trades', inputs: [{ batches, name: 'a', source: 'ws' }] })),
    ).rejects.toMatchObject({ code: 'BAD_REQUEST', details: { name: 'a' } })
  })

  test('refuses inputs that disagree about the order', async () => {
    const inputs = [
      {
        batches: [tableOf('trades', [tradeRow({ id: 1, price: 1, isBest: null }, 'ws', 9)])],
        name: 'a',
        source: 'ws' as const,
      },
      {
        batches: [tableOf('trades', [tradeRow({ id: 2, price: 1, isBest: null }, 'ws', 3)])],
        name: 'b',
        source: 'ws' as const,
      },
    ]
    await expect(collect(mergeBatches({ dataType: 'trades', inputs }))).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      details: { dataType: 'trades', column: 'trade_id' },
    })
  })

  test('refuses liquidations', async () => {
    await expect(collect(mergeBatches({ dataType: 'liquidations', inputs: [] }))).rejects.toMatchObject({
      code: 'UNSUPPORTED',
    })
  })
})

interface Trade {
  readonly id: number
  readonly price: number
  readonly isBest: boolean | null
}

const OTHER_COLUMNS: Row = { source: 'archive', high: 1, low: 1, close: 1, close_time: 0n, funding_interval_hours: 8n }

function timesAt(offset: bigint): Row {
  return { ts_event: start + offset, ts_available: start + offset }
}

function tradeRow({ id, price, isBest }: Trade, from: RowSource, time = id): Row {
  const side = price > 1 ? 'buy' : 'sell'
  return {
    ...timesAt(BigInt(time)),
    source: from,
    trade_id: BigInt(id),
    price,
    size: 1,
    quote_size: 1,
    side,
    is_best_match: isBest,
  }
}

function tradeRows(trades: readonly Trade[], from: RowSource): Row[] {
  return trades.map((row) => tradeRow(row, from))
}

function tableOf<D extends DataType>(dataType: D, rows: readonly Row[]): LakeTable<D> {
  return tableOfRows(tableSchema(dataType), rows)
}

interface Cutting {
  readonly policy?: MergePolicy
  readonly interval?: '1m'
  readonly cuts: readonly (readonly number[])[]
}

async function expectEqual<D extends DataType>(
  dataType: D,
  inputs: readonly MergeInput<D>[],
  { cuts, ...options }: Cutting,
): Promise<void> {
  const expected = mergeTables({ dataType, inputs, ...options })
  let report: MergeReport | undefined
  const cut = inputs.map(({ table, ...origin }, index) => ({ ...origin, batches: batchesOf(table, cuts[index] ?? []) }))
  const merged = mergeBatches({ dataType, inputs: cut, ...options, onReport: (found) => (report = found) })
  const rows: Record<string, RowValue>[] = []
  for await (const batch of merged) {
    expect(batch.numRows).toBeGreaterThan(0)
    rows.push(...rowsOfTable(batch))
  }
  expect(rows).toEqual(rowsOfTable(expected.table))
  expect({ ...report, inputs: [] }).toEqual({ ...expected.report, inputs: [] })
  const kept = ({ inputs: all }: MergeReport): number => all.reduce((sum, { kept: count }) => sum + count, 0)
  expect(report && kept(report)).toBe(kept(expected.report))
}

/** A table in batches of these lengths, over and over; some of them empty. */
async function* batchesOf<D extends DataType>(
  table: LakeTable<D>,
  lengths: readonly number[],
): AsyncGenerator<LakeTable<D>> {
  let row = 0
  for (let turn = 0; row < table.numRows; turn++) {
    const length = lengths[turn % lengths.length] ?? 1
    const end = row + (turn > 100 ? length + 1 : length)
    yield table.slice(row, end)
    row = end
  }
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
