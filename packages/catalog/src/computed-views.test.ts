import { constantWord, makeTable } from '@lake/core'
import { Dictionary, Field, Int32, Int64, Schema, type Table, Utf8 } from 'apache-arrow'
import { expect, test } from 'vitest'
import { type ComputedTable, openCatalog } from './index.ts'
import { temporaryLake } from './testing/temporary-lake.ts'

const schema = new Schema([
  new Field('day', new Dictionary(new Utf8(), new Int32()), true),
  new Field('turn', new Int64(), true),
])

function countingTable(name = 'turns'): ComputedTable & { readonly turns: () => number } {
  let turns = 0
  const rows = (): Promise<Table> => {
    const turn = BigInt64Array.of(BigInt(++turns), BigInt(turns))
    return Promise.resolve(makeTable(schema, { day: constantWord('2024-01-31', 2), turn }))
  }
  return { name, dates: ['day'], rows, turns: () => turns }
}

test('a computed table is made anew for each query that names it, and for no other', async () => {
  const { store } = await temporaryLake("a lake's [folder]")
  const table = countingTable()
  await using catalog = await openCatalog({ store, tables: [table] })
  await catalog.query('select count(*) from klines')
  expect(table.turns()).toBe(0)
  const first = await catalog.query(`select * from turns where day = '2024-01-31'`)
  expect(first.columns).toEqual([
    { name: 'day', type: 'DATE' },
    { name: 'turn', type: 'BIGINT' },
  ])
  expect(first.rows).toBe(2)
  const [second] = (await catalog.query('select max(turn) as turn, count(*) as n from TURNS')).objects()
  expect(second).toEqual({ turn: 2, n: 2 })
  const [together] = (
    await catalog.query(
      'select count(*) as n from turns a join turns b using (turn) left join klines k on k.symbol = a.day::text',
    )
  ).objects()
  expect(together).toEqual({ n: 4 })
})

test('queries of one at the same time each get whole rows', async () => {
  const { store } = await temporaryLake()
  await using catalog = await openCatalog({ store, tables: [countingTable()] })
  const results = await Promise.all(Array.from({ length: 8 }, () => catalog.query('select distinct turn from turns')))
  for (const result of results) expect(result.rows).toBe(1)
})

test('what computing throws is thrown, and the next query computes again', async () => {
  const { store } = await temporaryLake()
  const table = countingTable()
  const rows = (): Promise<Table> => (table.turns() === 0 ? table.rows().then(fail) : table.rows())
  await using catalog = await openCatalog({ store, tables: [{ ...table, rows }] })
  await expect(catalog.query('select * from turns')).rejects.toThrow('not now')
  expect((await catalog.query('select * from turns')).rows).toBe(2)
})

test('a name that a table has already is refused, and an unknown one is told the computed ones', async () => {
  const { store } = await temporaryLake()
  await expect(openCatalog({ store, tables: [countingTable('klines')] })).rejects.toMatchObject({ code: 'BAD_REQUEST' })
  await expect(openCatalog({ store, tables: [countingTable('a b')] })).rejects.toMatchObject({ code: 'BAD_REQUEST' })
  await using catalog = await openCatalog({ store, tables: [countingTable()] })
  await expect(catalog.query('select * from quality')).rejects.toThrow(/There is no table 'quality'.* turns\./)
})

test.each([{ asOf: 1 }, { knownAt: 1 }])('one is of now, and is refused with %o', async (point) => {
  const { store } = await temporaryLake()
  const table = countingTable()
  await using catalog = await openCatalog({ store, tables: [table], ...point })
  await expect(catalog.query('select * from turns')).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  expect(table.turns()).toBe(0)
  expect((await catalog.query("select 'turns' as word")).objects()).toEqual([{ word: 'turns' }])
})

function fail(): never {
  throw new Error('not now')
}
