import { LakeError, type SourceColumn, type SourceFormat } from '@lake/core'
import { lineEndHint, NOTHING_TAKEN, printable } from './bad-row.ts'
import { digitAt, LINE_FEED } from './strip.ts'

/** What the first line of a file says about all of it. */
export interface FileLayout {
  /** The names in the header line; undefined when there is none. */
  readonly header: readonly string[] | undefined
  /** Which of the format's sets of columns it has; undefined for the main one. */
  readonly era: string | undefined
  readonly columns: readonly SourceColumn[]
  /** Where the rows begin in the first block. */
  readonly start: number
}

interface Candidate {
  readonly era: string | undefined
  readonly columns: readonly SourceColumn[]
  readonly header?: 'absent' | undefined
}

/**
 * Finds the set of columns that a file has: by its header when there is one, which must be described to the last
 * name, else by the number of cells of its first line.
 *
 * @param block the file's first whole lines
 * @throws {@link LakeError} `BAD_FORMAT` when the header is none that is described, naming the first difference.
 */
export function findLayout(file: string, block: Buffer, format: SourceFormat): FileLayout {
  const first = block[0] === 0xef && block[1] === 0xbb && block[2] === 0xbf ? 3 : 0
  const end = block.indexOf(LINE_FEED, first)
  const cells = block
    .toString('utf8', first, end)
    .replace(/\r$/, '')
    .split(format.delimiter ?? ',')
  const candidates: Candidate[] = [{ era: undefined, columns: format.columns }, ...(format.variants ?? [])]
  const digit = digitAt(block, first)
  const looksNamed = digit < 0 || digit > 9
  const hasHeader = format.header === undefined ? looksNamed : format.header === 'present'
  const bare = candidates.find(({ header, columns }) => header === 'absent' && columns.length === cells.length)
  if (bare !== undefined && !looksNamed)
    return { header: undefined, era: bare.era, columns: bare.columns, start: first }
  if (!hasHeader) {
    const fitting = candidates.find(({ columns }) => columns.length === cells.length)
    const { era, columns } = fitting ?? { era: undefined, columns: format.columns }
    return { header: undefined, era, columns, start: first }
  }
  const names = format.translatedHeader === true ? cells.map((name) => name.replace(/\/.*$/s, '')) : cells
  const named = candidates.filter(({ header }) => header !== 'absent')
  const agreeing = named.map(({ columns }) => agreement(columns, names))
  const best = agreeing.indexOf(Math.max(...agreeing))
  const { era, columns } = named[best] ?? { era: undefined, columns: format.columns }
  if (agreeing[best] !== Infinity) throw unknownHeader(file, cells, columns, agreeing[best] ?? 0, format)
  return { header: cells.map(printable), era, columns, start: end + 1 }
}

/** How many names agree from the first on; infinite when all do. */
function agreement(columns: readonly SourceColumn[], names: readonly string[]): number {
  const different = columns.findIndex((column, index) => !isCalled(column, names[index]))
  if (different !== -1) return different
  return names.length === columns.length ? Infinity : columns.length
}

function isCalled(column: SourceColumn, name: string | undefined): boolean {
  return name !== undefined && (name === column.name || (column.aliases ?? []).includes(name))
}

function unknownHeader(
  file: string,
  names: readonly string[],
  columns: readonly SourceColumn[],
  index: number,
  format: SourceFormat,
): LakeError {
  const found = names[index]
  const expected = columns[index]?.name
  const shown = found === undefined ? 'missing' : `'${printable(found)}'`
  const wanted = expected === undefined ? `after the last of ${columns.length}` : `'${expected}' is expected`
  return new LakeError(
    'BAD_FORMAT',
    `${file} line 1: column ${index + 1} of the header is ${shown}, ${wanted} (format ${format.id})${lineEndHint(found ?? '')}. ${NOTHING_TAKEN}`,
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
