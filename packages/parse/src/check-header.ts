import { LakeError, type SourceColumn, type SourceFormat } from '@lake/core'
import { NOTHING_TAKEN, printable } from './bad-row.ts'

/**
 * Compares a header line with a description: count, order, and each name or one of its aliases.
 *
 * @throws {@link LakeError} `BAD_FORMAT` naming the first difference.
 */
export function checkHeader(file: string, line: string, format: SourceFormat): void {
  const names = line.split(',')
  const different = format.columns.findIndex((column, index) => !isCalled(column, names[index]))
  const index = different === -1 ? format.columns.length : different
  if (index === names.length && index === format.columns.length) return
  const found = names[index]
  const expected = format.columns[index]?.name
  const shown = found === undefined ? 'missing' : `'${printable(found)}'`
  const wanted = expected === undefined ? `after the last of ${format.columns.length}` : `'${expected}' is expected`
  throw new LakeError(
    'BAD_FORMAT',
    `${file} line 1: column ${index + 1} of the header is ${shown}, ${wanted} (format ${format.id}). ${NOTHING_TAKEN}`,
    {
      details: {
        file,
        line: 1,
        column: index + 1,
        value: found === undefined ? null : printable(found),
        expected: expected ?? null,
        format: format.id,
      },
    },
  )
}

function isCalled(column: SourceColumn, name: string | undefined): boolean {
  return name !== undefined && (name === column.name || (column.aliases ?? []).includes(name))
}
