import { capabilityRows, listExchanges } from '@lake/exchanges'
import { expect, test } from 'vitest'
import { readText } from './repository.ts'

// Widths are prettier's: what counts is what the cells say.
const cellsOf = (row: string): string =>
  row
    .split('|')
    .map((cell) => cell.trim())
    .join('|')

test('docs/exchanges.md says what the adapters say; node tools/exchange-tables.mjs writes it', () => {
  const written = readText('docs/exchanges.md')
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\|[ |-]+$/.test(line))
    .map(cellsOf)
  const rows = listExchanges().map(capabilityRows)
  const expected = [...rows.map(({ venue }) => venue), ...rows.flatMap(({ data }) => data)].map(cellsOf)
  expect(written.filter((line) => !line.startsWith('|exchange|'))).toEqual(expected)
})
