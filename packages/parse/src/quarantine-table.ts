import { integerValues, makeTable, type WordColumn, wordValues } from '@lake/core'
import { Dictionary, Field, Int32, Int64, Schema, type Table, Utf8 } from 'apache-arrow'
import type { QuarantinedRow } from './quarantine.ts'

/** The Arrow types of a table of lines that were put aside. */
export type QuarantineTypes = Record<'file' | 'column' | 'value' | 'reason' | 'text', Dictionary<Utf8, Int32>> &
  Record<'line', Int64>

const text = (name: string, nullable = false): Field =>
  new Field(name, new Dictionary(new Utf8(), new Int32()), nullable)

/** The columns of such a table; `column` is null where the line as a whole is wrong. */
export const QUARANTINE_SCHEMA: Schema<QuarantineTypes> = new Schema<QuarantineTypes>([
  text('file'),
  new Field('line', new Int64(), false),
  text('column', true),
  text('value'),
  text('reason'),
  text('text'),
])

/**
 * Lines that were put aside, as a table that can be written like any other.
 *
 * @example
 * const { report } = await parseArchiveFile({ ...file, quarantine: {} })
 * await writer.write(quarantineTable(report.quarantined))
 */
export function quarantineTable(rows: readonly QuarantinedRow[]): Table<QuarantineTypes> {
  return makeTable(QUARANTINE_SCHEMA, {
    file: words(rows.map((row) => row.file)),
    line: BigInt64Array.from(rows, (row) => BigInt(row.line)),
    column: words(rows.map((row) => row.column)),
    value: words(rows.map((row) => row.value)),
    reason: words(rows.map((row) => row.reason)),
    text: words(rows.map((row) => row.text)),
  })
}

/** The lines of such a table. */
export function quarantinedRows(table: Table<QuarantineTypes>): QuarantinedRow[] {
  const [file, column, value] = [reader(table, 'file'), reader(table, 'column'), reader(table, 'value')]
  const [reason, line] = [reader(table, 'reason'), reader(table, 'text')]
  return Array.from(integerValues(table, 'line'), (number, row) => ({
    file: file(row) ?? '',
    line: Number(number),
    column: column(row),
    value: value(row) ?? '',
    reason: reason(row) ?? '',
    text: line(row) ?? '',
  }))
}

function reader(table: Table<QuarantineTypes>, column: keyof QuarantineTypes): (row: number) => string | null {
  const { codes, words } = wordValues(table, column)
  return (row) => words[codes[row] ?? -1] ?? null
}

function words(texts: readonly (string | null)[]): WordColumn {
  const codes = new Map<string, number>()
  const codeOf = (one: string): number => {
    const code = codes.get(one) ?? codes.size
    codes.set(one, code)
    return code
  }
  return {
    codes: Int32Array.from(texts, (one) => (one === null ? -1 : codeOf(one))),
    words: [...codes.keys()],
  }
}
