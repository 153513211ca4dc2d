import { flagValues, makeTable } from '@lake/core'
import { Bool, Field, Schema, type Table, TimestampMicrosecond } from 'apache-arrow'
import { expect, test } from 'vitest'
import { readParquet, writeParquet } from './index.ts'

const ROWS = 5003

test.each([
  ['groups that end with a byte', 1000, ROWS],
  ['groups that end within a byte', 1001, ROWS],
  ['one group', ROWS, ROWS],
  ['a null at the end', 1000, ROWS - 1],
  ['a null amid the groups', 1000, 2500],
  ['a null at the start', 1000, 0],
])('flags come back, all of them and those of a range: %s', async (_, rowGroupRows, nullRow) => {
  const flags = Uint8Array.from({ length: ROWS }, (_, row) => (row === nullRow ? 2 : ((row * row) % 7) & 1))
  const bytes = writeParquet(tableOf(flags), { rowGroupRows })
  const table = await readParquet(bytes)
  expect(flagValues(table, 'flag')).toEqual(flags)
  // Not a bit behind the last row is left from the file: what is written of it is the same as of a table of bytes.
  expect(table.getChild('flag')?.data[0]?.values).toEqual(tableOf(flags).getChild('flag')?.data[0]?.values)
  for (const [from, to] of [
    [0, 1000],
    [3, ROWS],
    [999, 2002],
    [1000, 3000],
  ] as const) {
    const some = await readParquet(bytes, { range: { from, to } })
    expect(flagValues(some, 'flag')).toEqual(flags.slice(from, to))
  }
})

function tableOf(flags: Uint8Array): Table {
  const schema = new Schema([
    new Field('ts_event', new TimestampMicrosecond('UTC'), false),
    new Field('flag', new Bool(), true),
  ])
  return makeTable(schema, { ts_event: BigInt64Array.from(flags, (_, row) => BigInt(row)), flag: flags })
}
