/** One column of a printed table. */
export interface TextColumn<T> {
  readonly title: string
  readonly text: (row: T) => string
  /** Numbers are aligned to the right. */
  readonly align?: 'left' | 'right' | undefined
}

/**
 * Rows as lines of aligned columns under a header, two spaces between columns; ends with a newline.
 *
 * @example
 * textTable([{ n: 1 }], [{ title: 'n', text: (row) => String(row.n), align: 'right' }])
 */
export function textTable<T>(rows: readonly T[], columns: readonly TextColumn<T>[]): string {
  const cells = [columns.map((column) => column.title), ...rows.map((row) => columns.map((column) => column.text(row)))]
  const widths = columns.map((_, index) => Math.max(...cells.map((line) => displayWidth(line[index] ?? ''))))
  const lines = cells.map((line) =>
    line
      .map((cell, index) => pad(cell, widths[index] ?? 0, columns[index]?.align ?? 'left'))
      .join('  ')
      .trimEnd(),
  )
  return `${lines.join('\n')}\n`
}

function pad(text: string, width: number, align: 'left' | 'right'): string {
  const space = ' '.repeat(width - displayWidth(text))
  return align === 'left' ? text + space : space + text
}

/** East Asian wide characters take two cells of a terminal. */
function displayWidth(text: string): number {
  let width = 0
  for (const character of text)
    width += /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]/u.test(character) ? 2 : 1
  return width
}
