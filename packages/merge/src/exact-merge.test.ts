import {
  constantWord,
  decimalColumn,
  decimalValues,
  type ExactTable,
  floatValues,
  makeTable,
  parseInstant,
  roundDecimals,
  type RowSource,
  tableSchema,
} from '@lake/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mergeTables } from './merge-tables.ts'

const SCHEMA = tableSchema('bookDepth', { decimals: 'exact' })
const FUNDING = tableSchema('fundingRate', { decimals: 'exact' })
const START = BigInt(parseInstant('2024-01-01'))

interface Event {
  readonly at: number
  readonly rate: bigint
  readonly price: bigint | null
}

const event: fc.Arbitrary<Event> = fc.record({
  at: fc.nat(12),
  rate: fc.constantFrom(1n, -2n, 10n ** 30n),
  price: fc.constantFrom(null, 5n, -(10n ** 20n)),
})

describe('a merge of exact decimals', () => {
  test('keeps the rows, conflicts and fills that one of floats does', () => {
    const input = fc.record({
      events: fc.array(event, { maxLength: 12 }),
      source: fc.constantFrom<RowSource>('archive', 'rest'),
      sorted: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(input, { minLength: 1, maxLength: 3 }), (inputs) => {
        const tables = inputs.map(({ events, sorted, source }) => {
          const rows = sorted ? unique(events) : events
          return { table: tableOf(rows), source }
        })
        const exact = mergeTables({
          dataType: 'fundingRate',
          schema: FUNDING,
          inputs: tables.map(({ table, source }, at) => ({ table, source, name: String(at) })),
        })
        const floats = mergeTables({
          dataType: 'fundingRate',
          inputs: tables.map(({ table, source }, at) => ({
            ...{ source, name: String(at) },
            table: roundDecimals(table, tableSchema('fundingRate')),
          })),
        })
        const rounded = roundDecimals(exact.table, tableSchema('fundingRate'))
        for (const column of ['funding_rate', 'mark_price']) {
          expect(floatValues(rounded, column)).toEqual(floatValues(floats.table, column))
        }
        const { firstConflicts: _, ...report } = exact.report
        expect(floats.report).toMatchObject(report)
      }),
    )
  })

  test('tells values apart that are the same as floats, and shows them', () => {
    const one = 10n ** 25n
    const { table, report } = mergeTables({
      dataType: 'fundingRate',
      schema: FUNDING,
      inputs: [
        { name: 'a', source: 'archive', table: tableOf([{ at: 0, rate: one, price: null }]) },
        { name: 'b', source: 'rest', table: tableOf([{ at: 0, rate: one + 1n, price: -15n * 10n ** 17n }]) },
      ],
    })
    expect(report.conflicts).toEqual({ funding_rate: 1 })
    expect(report.filled).toEqual({ mark_price: 1 })
    expect(report.firstConflicts[0]).toMatchObject({
      kept: { name: 'a', value: '10000000' },
      dropped: { name: 'b', value: '10000000.000000000000000001' },
    })
    expect(decimalValues(table, 'funding_rate').units).toEqual(decimalColumn([one]).units)
  })

  test('tells bands of one time apart', () => {
    const bands = (order: readonly bigint[]): ExactTable<'bookDepth'> =>
      makeTable(SCHEMA, {
        ts_event: new BigInt64Array(order.length).fill(START),
        ts_available: new BigInt64Array(order.length).fill(START),
        source: constantWord('archive', order.length),
        percentage: decimalColumn(order),
        depth: decimalColumn(order),
        notional: decimalColumn(order),
      })
    const unit = 10n ** 18n
    const { table } = mergeTables({
      dataType: 'bookDepth',
      schema: SCHEMA,
      inputs: [
        { name: 'a', source: 'archive', table: bands([unit, -5n * unit]) },
        { name: 'b', source: 'rest', table: bands([-5n * unit, 2n * unit]) },
      ],
    })
    expect(decimalValues(table, 'percentage').units).toEqual(decimalColumn([-5n * unit, unit, 2n * unit]).units)
  })

  test('refuses a table of another scale', () => {
    const table = tableOf([{ at: 0, rate: 1n, price: null }])
    const schema = tableSchema('fundingRate', { decimals: 'exact', scale: 8 })
    const inputs = ['a', 'b'].map((name) => ({ name, source: 'archive' as const, table }))
    expect(() => mergeTables({ dataType: 'fundingRate', schema, inputs })).toThrow('has 18 places')
  })
})

function unique(events: readonly Event[]): Event[] {
  return [...new Map(events.map((one) => [one.at, one])).values()].sort((a, b) => a.at - b.at)
}

function tableOf(events: readonly Event[]): ExactTable<'fundingRate'> {
  const times = BigInt64Array.from(events, ({ at }) => START + BigInt(at) * 3_600_000_000n)
  return makeTable(FUNDING, {
    ts_event: times,
    ts_available: times.slice(),
    source: constantWord('archive', events.length),
    funding_rate: decimalColumn(events.map(({ rate }) => rate)),
    funding_interval_hours: BigInt64Array.from(events, () => 8n),
    mark_price: decimalColumn(events.map(({ price }) => price)),
  })
}
