import type { SourceColumn } from '@lake/core'

const EMPTY_QUOTES = '""'

/**
 * A line whose cells that say that they are empty are so, where that may be: some writers put quotes there, others a
 * word. Quotes around anything else stay, and are refused with it.
 */
export function withoutEmptyWords(line: Buffer, columns: readonly SourceColumn[], delimiter: string): Buffer {
  const mayBeEmpty = columns.some(({ emptyAs }) => emptyAs !== undefined && line.includes(emptyAs))
  if (!mayBeEmpty && !line.includes(EMPTY_QUOTES)) return line
  // Latin-1 has a letter for each byte, so that all others stay what they are.
  const cells = line.toString('latin1').split(delimiter)
  const emptied = cells.map((cell, index) => {
    const { nullable, emptyAs } = columns[index] ?? {}
    return nullable === true && (cell === EMPTY_QUOTES || cell === emptyAs) ? '' : cell
  })
  return Buffer.from(emptied.join(delimiter), 'latin1')
}
