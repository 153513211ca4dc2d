import type { DatasetId, ExchangeAdapter, TimeRange } from '@lake/core'
import { formatsOf } from './formats-of.ts'
import type { HeldArchive, HeldFile } from './held-file.ts'

/** Whether ids count the rows of an archive file and mean nothing outside of it. */
export function hasIdsOfFile(scope: { readonly adapter: ExchangeAdapter; readonly dataset: DatasetId }): boolean {
  return formatsOf(scope).some(({ idsOfFile }) => idsOfFile === true)
}

/**
 * The files of a period whose rows count, for datasets whose archive numbers the rows of each file: the same trade has
 * another number in another file, over REST and live. So each moment is taken from one of them: from the file that
 * spans least, as a day does in a month, and from pages and recordings only where no file is.
 */
export function outsideArchive(files: readonly HeldFile[], period: TimeRange): HeldFile[] {
  const taken: HeldArchive[] = []
  const archives = files.filter((file) => file.source === 'archive')
  for (const file of archives.toSorted((a, b) => lengthOf(a.period) - lengthOf(b.period))) {
    const own = { from: Math.max(file.period.from, period.from), to: Math.min(file.period.to, period.to) }
    if (timesOutside(own, taken).length > 0) taken.push(file)
  }
  return files.flatMap((file): HeldFile[] => {
    if (file.source === 'archive') return taken.includes(file) ? [file] : []
    return timesOutside(file.period, archives).map((left) => ({ ...file, period: left }))
  })
}

/** What is left of a range without the times that archive files cover. */
export function timesOutside(range: TimeRange, archives: readonly HeldArchive[]): TimeRange[] {
  const covered = archives.map(({ period }) => period).sort((a, b) => a.from - b.from)
  const left: TimeRange[] = []
  let { from } = range
  for (const other of covered) {
    if (other.from > from && from < range.to) left.push({ from, to: Math.min(other.from, range.to) })
    from = Math.max(from, other.to)
  }
  if (from < range.to) left.push({ from, to: range.to })
  return left
}

function lengthOf({ from, to }: TimeRange): number {
  return to - from
}
