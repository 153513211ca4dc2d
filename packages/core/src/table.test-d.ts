import type { Decimal, Float64, Int64, Schema, TimestampMicrosecond, Vector } from 'apache-arrow'
import { expectTypeOf, test } from 'vitest'
import type { ExactColumns, LakeTable } from './table.ts'
import { tableSchema } from './table.ts'

test('a table knows its columns', () => {
  expectTypeOf<LakeTable<'klines'>>().toHaveProperty('getChild')
  const close = (table: LakeTable<'klines'>) => table.getChild('close')
  expectTypeOf(close).returns.toEqualTypeOf<Vector<Float64> | null>()
  const time = (table: LakeTable<'aggTrades'>) => table.getChild('ts_event')
  expectTypeOf(time).returns.toEqualTypeOf<Vector<TimestampMicrosecond> | null>()
})

test('the wrong column and the wrong table do not compile', () => {
  // @ts-expect-error funding has no close
  const close = (table: LakeTable<'fundingRate'>) => table.getChild('close')
  // @ts-expect-error there is no such table
  const schema = () => tableSchema('candles')
  expectTypeOf(close).toBeFunction()
  expectTypeOf(schema).toBeFunction()
})

test('exact decimals stand where float64 stands, and nowhere else', () => {
  const exact = () => tableSchema('aggTrades', { decimals: 'exact', scale: 8 })
  expectTypeOf(exact).returns.toEqualTypeOf<Schema<ExactColumns['aggTrades']>>()
  expectTypeOf<ExactColumns['aggTrades']['price']>().toEqualTypeOf<Decimal>()
  expectTypeOf<ExactColumns['aggTrades']['agg_trade_id']>().toEqualTypeOf<Int64>()
})
