import type { DatasetId, LakeTable, ObjectStore } from '@lake/core'
import type { Float64, Table, TimestampMicrosecond } from 'apache-arrow'
import { expectTypeOf, test } from 'vitest'
import { readDataset } from './read-dataset.ts'

declare const store: ObjectStore
const dataset = { exchange: 'binance', market: 'spot', dataType: 'klines', symbol: 'BTCUSDT', interval: '1m' } as const

test('the tables have the columns of the data type', () => {
  expectTypeOf(readDataset({ store, dataset })).toEqualTypeOf<AsyncGenerator<LakeTable<'klines'>, void, undefined>>()
})

test('with columns the tables have these and no others', () => {
  const reading = readDataset({ store, dataset, columns: ['ts_event', 'close'] })
  expectTypeOf(reading).toEqualTypeOf<
    AsyncGenerator<Table<{ readonly ts_event: TimestampMicrosecond; readonly close: Float64 }>, void, undefined>
  >()
})

test('a column of another data type does not compile', () => {
  // @ts-expect-error klines have no price
  readDataset({ store, dataset, columns: ['price'] })
})

test('a dataset that is only known at run time is fine', () => {
  const known: DatasetId = dataset
  expectTypeOf(readDataset({ store, dataset: known }).next()).resolves.not.toBeAny()
})
