import type { SourceColumn } from '@lake/core'

const EMPTY_QUOTES = '""'

/**
 * A line whose cells without a value are empty, where that may be: some writers put two quotes there, and some a word.
 * Quotes around anything else stay, and are refused with it.
 */
export function withEmptyCells(line: Buffer, columns: readonly SourceColumn[], delimiter: string): Buffer {
  const words = [EMPTY_QUOTES, ...columns.flatMap(({ wordForNone = [] }) => wordForNone)]
  if (!words.some((word) => line.includes(word))) return line
  // Latin-1 has a letter for each byte, so that all others stay what they are.
  const cells = line.toString('latin1').split(delimiter)
  const emptied = cells.map((cell, index) => (isEmpty(cell, columns[index]) ? '' : cell))
  return Buffer.from(emptied.join(delimiter), 'latin1')
}

function isEmpty(cell: string, column: SourceColumn | undefined): boolean {
  return column?.nullable === true && (cell === EMPTY_QUOTES || cell === column.wordForNone)
}
