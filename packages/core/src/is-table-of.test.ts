import { Schema, Table, tableFromIPC, tableToIPC } from 'apache-arrow'
import { expect, test } from 'vitest'
import { isTableOf } from './is-table-of.ts'
import { tableSchema } from './table.ts'

test('a table is told by its columns, also after a journey through IPC', () => {
  const table = new Table(tableSchema('trades'))
  expect(isTableOf(table, 'trades')).toBe(true)
  expect(isTableOf(tableFromIPC(tableToIPC(table)), 'trades')).toBe(true)
  expect(isTableOf(table, 'aggTrades')).toBe(false)
  expect(isTableOf(new Table(new Schema(tableSchema('trades').fields.slice(1))), 'trades')).toBe(false)
})
