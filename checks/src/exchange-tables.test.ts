import { capabilityRows, limitRows, listExchanges } from '@lake/exchanges'
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
  const limits = listExchanges().map(limitRows)
  const expected = [
    ...[...rows.map(({ venue }) => venue), ...rows.flatMap(({ data }) => data)],
    ...[...limits.flatMap(({ budgets }) => budgets), ...limits.flatMap(({ series }) => series)],
  ].map(cellsOf)
  expect(written.filter((line) => !/^\|(exchange|budget|series)\|/.test(line))).toEqual(expected)
})
