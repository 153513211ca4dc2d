import type { TimeRange } from '@lake/core'
import type { HeldFile } from './held-file.ts'

/**
 * Files as they are, where pages and recordings count outside of the time that archive files cover alone. For datasets
 * whose archive numbers the rows of each file: the same trade has another number there than over REST and live.
 */
export function outsideArchive(files: readonly HeldFile[]): HeldFile[] {
  const covered = files
    .flatMap(({ source, period }) => (source === 'archive' ? [period] : []))
    .sort((a, b) => a.from - b.from)
  return files.flatMap((file): HeldFile[] =>
    file.source === 'archive' ? [file] : uncovered(file.period, covered).map((period) => ({ ...file, period })),
  )
}

/** What is left of a range without others, which are in order. */
function uncovered(range: TimeRange, covered: readonly TimeRange[]): TimeRange[] {
  const left: TimeRange[] = []
  let { from } = range
  for (const other of covered) {
    if (other.from > from && from < range.to) left.push({ from, to: Math.min(other.from, range.to) })
    from = Math.max(from, other.to)
  }
  if (from < range.to) left.push({ from, to: range.to })
  return left
}
