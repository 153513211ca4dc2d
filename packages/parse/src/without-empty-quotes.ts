import type { SourceColumn } from '@lake/core'

const EMPTY_QUOTES = '""'

/**
 * A line whose quoted empty cells are empty, where that may be: some writers say so that they have no value. Quotes
 * around anything else stay, and are refused with it.
 */
export function withoutEmptyQuotes(line: Buffer, columns: readonly SourceColumn[], delimiter: string): Buffer {
  if (!line.includes(EMPTY_QUOTES)) return line
  // Latin-1 has a letter for each byte, so that all others stay what they are.
  const cells = line.toString('latin1').split(delimiter)
  const emptied = cells.map((cell, index) => (cell === EMPTY_QUOTES && columns[index]?.nullable === true ? '' : cell))
  return Buffer.from(emptied.join(delimiter), 'latin1')
}
